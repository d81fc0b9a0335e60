// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "tests/catch.h"
#include "tests/cli/harness.h"
#include "tests/cli/reproduce_values.h"

using namespace addax::cli;
using addax::input::Value;

namespace {

const std::vector<std::string> kAccuracy = {"reproduce", "shiftaddllm", "--accuracy"};

Words accuracy_with(const Words& more) { return joined(kAccuracy, more); }

std::vector<Value> rows_of(const std::vector<std::string>& more) {
  return json_of(accuracy_with(more)).at("rows").list();
}

// Whether another row of the family has at most both figures, and less of one.
bool undercut(const std::vector<Value>& rows, const Value& row, const char* cost) {
  for (const Value& other : rows) {
    if (other.at("family").text() != row.at("family").text()) continue;
    const double more_loss = number_at(other, "perplexity") - number_at(row, "perplexity");
    const double more_cost = number_at(other, cost) - number_at(row, cost);
    if (more_loss <= 0.0 && more_cost <= 0.0 && (more_loss < 0.0 || more_cost < 0.0)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("Every published perplexity has a row, and the Pareto fronts are what all pairs give") {
  const std::vector<Value> rows = rows_of({});
  // Table 8 has 8 models and rows, Table 11 has 5 models and 7 rows.
  CHECK(rows.size() == 8 * 8 + 5 * 7);
  std::size_t on_front = 0;
  for (const Value& row : rows) {
    INFO(row.at("model").text() << " " << row.at("method").text());
    CHECK(row.at("pareto_energy").boolean() != undercut(rows, row, "energy_j"));
    CHECK(row.at("pareto_latency").boolean() != undercut(rows, row, "latency_s"));
    on_front += row.at("pareto_energy").boolean() ? 1 : 0;
  }
  CHECK(on_front > 0);
  CHECK(on_front < rows.size());
}

TEST_CASE("The members of a front are counted by method") {
  const Value root = json_of(kAccuracy);
  const std::vector<Value> rows = root.at("rows").list();
  const std::vector<Value> fronts = root.at("fronts").list();
  CHECK(fronts.size() == 3 * 2);  // three families, energy and latency
  for (const Value& front : fronts) {
    const std::string family = front.at("family").text(), cost = front.at("cost").text();
    INFO(family << " " << cost);
    double members = 0.0, points = 0.0;
    for (const Value& row : rows) {
      if (row.at("family").text() != family) continue;
      points += 1.0;
      if (!row.at("pareto_" + cost).boolean()) continue;
      members += 1.0;
      const std::string method = row.at("method").text();
      CHECK(number_at(front.at("methods").at(method), "members") >= 1.0);
      CHECK(contains(front.at("sentence").text(), method));
    }
    CHECK(number_at(front, "members") == members);
    CHECK(number_at(front, "points") == points);
  }
  // Table 8 has eight models of each method.
  CHECK(number_at(fronts.front().at("methods").at("shiftadd_3bit"), "points") == 8.0);
}

TEST_CASE("Families of one tokenizer have fronts of their own") {
  const std::vector<Value> rows = rows_of({"--model", "llama-2-7b", "--model", "llama-3-8b"});
  CHECK(with(rows, "model", "llama-2-7b").at("family").text() == "llama-2");
  CHECK(with(rows, "model", "llama-3-8b").at("family").text() == "llama-3");
  // The lowest perplexity of each family is on its front, whatever the other's is.
  CHECK(with(rows, "perplexity", "5.47").at("pareto_energy").boolean());
  CHECK(with(rows, "perplexity", "6.14").at("pareto_energy").boolean());
}

TEST_CASE("A method costs what addax run gives for its design or for its baseline") {
  const std::vector<Value> rows = rows_of({"--model", "opt-125m", "--context", "512"});
  const auto run = [](const char* arch, const std::string& weights) {
    return json_of({"run", "--arch", arch, "--trace", "opt-125m.decode-512." + weights});
  };
  for (const std::string bits : {"2", "3"}) {
    const Value shiftadd = run("eyeriss_shiftadd", "shiftadd-" + bits + "bit");
    check_cost(with(rows, "method", "shiftadd_" + bits + "bit"), shiftadd);
    check_cost(with(rows, "method", "optq_" + bits + "bit"),
               shiftadd.at("baselines").at("same_bits"));
    check_cost(with(rows, "method", "fp16"), shiftadd.at("baselines").at("fp16"));
    check_cost(with(rows, "method", "lutgemm_" + bits + "bit"),
               run("eyeriss_lutgemm", "bcq-" + bits + "bit"));
  }
  CHECK(with(rows, "method", "fp16").at("context_tokens").integer(1, 1000) == 512);
}

TEST_CASE("Mixed bits have 3 in value and output projections and cost between 2 and 3") {
  const std::vector<Value> rows = rows_of({"--model", "opt-1.3b"});
  const auto row = [&](const char* bits) {
    return with(rows, "method", "shiftadd_" + std::string(bits));
  };
  // Two of the twelve d x d matrices that a block of OPT amounts to: 2 + 2/12.
  CHECK(number_at(row("mixed"), "bits") == Approx(2.0 + 2.0 / 12.0).epsilon(1e-12));
  for (const char* figure : {"energy_j", "latency_s", "weights_gib", "published_energy_mj"}) {
    INFO(figure);
    CHECK(number_at(row("2bit"), figure) < number_at(row("mixed"), figure));
    CHECK(number_at(row("mixed"), figure) < number_at(row("3bit"), figure));
  }
}

TEST_CASE("The published accounting beside the simulation is the one of the energy tables") {
  const std::vector<Value> rows = rows_of({"--model", "opt-66b"});
  // Table 10: 15539.87, 1990.17 and 1820.55, truncated.
  CHECK(number_at(with(rows, "method", "fp16"), "published_energy_mj") ==
        Approx(15539.87).margin(0.01));
  CHECK(number_at(with(rows, "method", "shiftadd_3bit"), "published_energy_mj") ==
        Approx(1990.17).margin(0.01));
  CHECK(number_at(with(rows, "method", "shiftadd_mixed"), "published_energy_mj") ==
        Approx(1820.55).margin(0.01));
  // Section 5.2: 122 GB, which are GiB.
  CHECK(number_at(with(rows, "method", "fp16"), "weights_gib") == Approx(122.0).margin(0.5));
}

TEST_CASE("Accuracy is written as text, JSON, CSV and LaTeX, the same bytes each time") {
  for (const char* format : {"--json", "--csv", "--latex"}) {
    INFO(format);
    const Outcome once = run_addax(accuracy_with({"--model", "llama-2-7b", format, "-"}));
    CHECK(once.status == 0);
    CHECK(once.out == run_addax(accuracy_with({"--model", "llama-2-7b", format, "-"})).out);
  }
  const std::string csv = run_addax(accuracy_with({"--model", "llama-2-7b", "--csv", "-"})).out;
  CHECK(lines(csv) == 1 + 7);
  CHECK(csv.rfind("model,family,method,bits,perplexity,", 0) == 0);
  const std::string text = run_addax(accuracy_with({"--model", "llama-2-7b"})).out;
  CHECK(contains(text, "cannot be compared"));
  CHECK(contains(text, "7 points are on the front of energy"));
  CHECK(run_addax(accuracy_with({"--model", "llama-2-7b", "--quiet"})).out.empty());
}

TEST_CASE("Mistakes about accuracy are one line") {
  check_refused(run_addax(accuracy_with({"--model", "opt-66"})),
                {"--model", "did you mean 'opt-66b'"});
  check_refused(run_addax(accuracy_with({"--context", "4096"})),
                {"--context", "4096", "2048", "opt-125m"});
  check_refused(run_addax(accuracy_with({"--context", "none"})), {"--context", "'none'"});
  check_refused(run_addax(accuracy_with({"--audit"})), {"--audit", "--accuracy"});
  check_refused(run_addax(accuracy_with({"--table", "10"})), {"--table", "--accuracy"});
}
