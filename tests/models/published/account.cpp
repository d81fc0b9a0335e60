// SPDX-License-Identifier: Apache-2.0
#include "models/published/account.h"

#include <algorithm>

#include "models/quantity/diagnosis.h"
#include "models/quantity/quantity.h"
#include "tests/catch.h"

using namespace addax;
using published::Account;
using published::Accountant;
using published::Category;
using published::Entry;
using published::Kind;
using published::Method;
using published::Scheme;
using published::Shape;
using published::shape_of;

namespace {

const Scheme kShift3 = {Method::kShiftAdd, 3};
const Scheme kMixed = {Method::kShiftAdd, 2, true};

workload::ModelShape llama_2_70b() {
  workload::ModelShape model;
  model.name = "llama-2-70b";
  model.layers = 80;
  model.hidden = model.embedding_width = 8192;
  model.heads = 64;
  model.kv_heads = 8;
  model.head_dim = 128;
  model.ffn = 28672;
  model.vocabulary = 32000;
  model.gated_mlp = true;
  return model;
}

Shape opt_like(std::uint64_t d, std::uint64_t f, std::uint64_t layers, std::uint64_t vocabulary) {
  Shape shape;
  shape.hidden = shape.query_width = shape.kv_width = shape.embedding_width = d;
  shape.vocabulary = vocabulary;
  shape.qkv_bias = shape.output_bias = shape.mlp_bias = true;
  shape.blocks = {{layers, f}};
  return shape;
}

double bias_mj(std::uint64_t width) {
  return choose({1, width, 1}, unit_costs(Kind::kAdd, 16), published::capacity(16)).energy_pj *
         1e-9;
}

const Entry& entry(const Account& account, const std::string& layer, const std::string& operation) {
  const auto found = std::find_if(
      account.entries.begin(), account.entries.end(),
      [&](const Entry& each) { return each.layer == layer && each.operation.name == operation; });
  REQUIRE(found != account.entries.end());
  return *found;
}

bool has_layer(const Account& account, const std::string& layer) {
  return std::any_of(account.entries.begin(), account.entries.end(),
                     [&](const Entry& each) { return each.layer == layer; });
}

std::string path_at_fault(const Shape& shape, const Scheme& scheme) {
  try {
    Accountant().model(shape, scheme);
  } catch (const quantity::Impossible& error) {
    CHECK(error.diagnosis().message.find("multiple of 8") != std::string::npos);
    return error.diagnosis().path;
  }
  return "none";
}

}  // namespace

TEST_CASE("A model is the sum of its layers, biases and head") {
  Accountant accountant;
  const Shape shape = opt_like(768, 3072, 12, 50272);
  const auto layer = [&](const Scheme& scheme, std::uint64_t inputs, std::uint64_t outputs) {
    return accountant.linear(scheme, inputs, outputs).total.energy_mj();
  };
  const double biases = 5.0 * bias_mj(768) + bias_mj(3072);
  const double head = layer({}, 768, 50272);
  const double block = 4.0 * layer(kShift3, 768, 768) + layer(kShift3, 768, 3072) +
                       layer(kShift3, 3072, 768) + biases;
  CHECK(accountant.model(shape, kShift3).total.energy_mj() == Approx(12.0 * block + head));

  const Scheme two = {Method::kShiftAdd, 2};
  const double mixed = 2.0 * layer(two, 768, 768) + 2.0 * layer(kShift3, 768, 768) +
                       layer(two, 768, 3072) + layer(two, 3072, 768) + biases;
  CHECK(accountant.model(shape, kMixed).total.energy_mj() == Approx(12.0 * mixed + head));
}

TEST_CASE("Totals are the sums of the entries by category") {
  const Account account = Accountant().model(opt_like(768, 3072, 12, 50272), kShift3);
  double energy = 0.0, latency = 0.0, build = 0.0;
  for (const Entry& each : account.entries) {
    energy += each.energy_mj;
    latency += each.latency_s;
    if (each.operation.category == Category::kLutBuild) build += each.energy_mj;
  }
  CHECK(account.total.energy_mj() == Approx(energy));
  CHECK(account.total.latency_s == Approx(latency));
  CHECK(account.total.lut_build_mj == Approx(build));
}

TEST_CASE("OPT-66B and LLaMA-2-70B cost what the paper prints") {
  // ShiftAddLLM (arXiv:2406.05981v4), Tables 10 and 13; the printed digits, cut off or rounded.
  Accountant accountant;
  const Shape opt = opt_like(9216, 36864, 64, 50272);
  CHECK(accountant.model(opt, {}).total.energy_mj() == Approx(15539.87).margin(0.01));
  CHECK(accountant.model(opt, kShift3).total.energy_mj() == Approx(1990.17).margin(0.01));
  CHECK(accountant.model(opt, kMixed).total.energy_mj() == Approx(1820.55).margin(0.01));
  Shape llama = shape_of(llama_2_70b());
  llama.kv_width = 8192;
  CHECK(accountant.model(llama, {}).total.energy_mj() == Approx(18482.5).margin(0.1));
  CHECK(accountant.model(llama, kShift3).total.energy_mj() == Approx(2309.87).margin(0.01));
}

TEST_CASE("LLaMA-2-70B as it is has an eighth of the paper's keys and values") {
  const Shape shape = shape_of(llama_2_70b());
  CHECK(shape.query_width == 8192);
  CHECK(shape.kv_width == 1024);
  CHECK(Accountant().model(shape, {}).total.energy_mj() == Approx(16259.5).margin(0.1));
}

TEST_CASE("Mixed bits are three in the value and output projections alone") {
  const Account account = Accountant().model(shape_of(llama_2_70b()), kMixed);
  for (const char* layer : {"v", "o"})
    CHECK(entry(account, layer, "scale").operation.problem.outputs == 3);
  for (const char* layer : {"q", "k", "gate", "up", "down"})
    CHECK(entry(account, layer, "scale").operation.problem.outputs == 2);
  CHECK(entry(account, "head", "multiply").operation.bits == 16);
}

TEST_CASE("A narrow embedding brings two projections and a narrow head, in FP16") {
  workload::ModelShape model;
  model.layers = 24;
  model.hidden = 1024;
  model.heads = model.kv_heads = 16;
  model.head_dim = 64;
  model.ffn = 4096;
  model.vocabulary = 50272;
  model.embedding_width = 512;
  model.qkv_bias = model.output_bias = model.mlp_bias = true;
  const Account account = Accountant().model(shape_of(model), kShift3);
  CHECK(entry(account, "project_in", "multiply").operation.problem.inputs == 512);
  CHECK(entry(account, "project_in", "multiply").operation.problem.outputs == 1024);
  CHECK(entry(account, "project_out", "multiply").operation.bits == 16);
  CHECK(entry(account, "head", "multiply").operation.problem.inputs == 512);
  model.embedding_width = 1024;
  CHECK_FALSE(has_layer(Accountant().model(shape_of(model), kShift3), "project_in"));
}

TEST_CASE("A token passes its active experts after an FP16 router, and dense blocks once") {
  workload::ModelShape model = llama_2_70b();
  model.layers = 32;
  model.hidden = model.embedding_width = 4096;
  model.heads = 32;
  model.ffn = 1536;
  model.experts = 8;
  model.active_experts = 2;
  const Account all = Accountant().model(shape_of(model), kShift3);
  CHECK(entry(all, "gate", "lookup").count == 64);
  CHECK(entry(all, "down", "lookup").count == 64);
  CHECK(entry(all, "gate", "product").count == 64);
  CHECK(entry(all, "q", "lookup").count == 32);
  CHECK(entry(all, "router", "multiply").count == 32);
  CHECK(entry(all, "router", "multiply").operation.bits == 16);
  CHECK(entry(all, "router", "multiply").operation.problem.outputs == 8);

  model.dense_layers = {0, 1};
  model.dense_ffn = 11008;
  const Shape shape = shape_of(model);
  REQUIRE(shape.blocks.size() == 2);
  CHECK(shape.blocks[0].layers == 2);
  CHECK(shape.blocks[0].ffn == 11008);
  CHECK(shape.blocks[0].copies == 1);
  CHECK(shape.blocks[1].layers == 30);
  CHECK(shape.blocks[1].copies == 2);
  const Account some = Accountant().model(shape, kShift3);
  CHECK(entry(some, "router", "multiply").count == 30);
  CHECK(entry(some, "gate", "lookup").count == 2);
}

TEST_CASE("Tables over inputs that are no multiple of eight are refused by the size at fault") {
  const Shape good = opt_like(64, 128, 2, 100);
  CHECK(path_at_fault(good, kShift3) == "none");
  CHECK(path_at_fault(opt_like(60, 128, 2, 100), kShift3) == "hidden");
  CHECK(path_at_fault(opt_like(64, 130, 2, 100), {Method::kLutGemm, 2}) == "ffn");
  Shape queries = good;
  queries.query_width = 36;
  CHECK(path_at_fault(queries, kShift3) == "query_width");
  CHECK(path_at_fault(opt_like(60, 130, 2, 100), {}) == "none");
  CHECK(path_at_fault(opt_like(60, 130, 2, 100), {Method::kOptq, 3}) == "none");
}

TEST_CASE("Counts beyond 64 bits are refused") {
  Shape shape = opt_like(64, 128, std::uint64_t{1} << 40U, 100);
  shape.blocks[0].copies = std::uint64_t{1} << 40U;
  CHECK_THROWS_AS(Accountant().model(shape, {}), quantity::CountOverflow);
}

TEST_CASE("Shapes of large primes have accounts") {
  constexpr std::uint64_t kPrime = 2147483647;
  const Account account = Accountant().model(opt_like(kPrime, kPrime, 4096, kPrime), {});
  // Each of a block's six matrices is fetched at least once, at 200 pJ a weight.
  const double weights = 6.0 * 4096.0 * static_cast<double>(kPrime) * static_cast<double>(kPrime);
  CHECK(account.total.energy_mj() > 200e-9 * weights);
  CHECK(Accountant().linear(kShift3, 8 * kPrime, kPrime).total.fp_shift_mj > 0.0);
}
