// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;
using Json = nlohmann::json;

namespace {

Outcome audit(std::vector<std::string> more) {
  std::vector<std::string> words = {"reproduce", "shiftaddllm", "--audit"};
  words.insert(words.end(), more.begin(), more.end());
  return run_addax(words);
}

Json audit_json(std::vector<std::string> more) {
  more.insert(more.end(), {"--json", "-"});
  const Outcome outcome = audit(more);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return Json::parse(outcome.out);
}

Json run_json(const std::vector<std::string>& words) {
  const Outcome outcome = run_addax(words);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return Json::parse(outcome.out);
}

}  // namespace

TEST_CASE("The audit ends at what `addax run` gives, for the design and both baselines") {
  const Json audited = audit_json({"--model", "llama-3-8b", "--bits", "2", "--context", "1024"});
  const Json run = run_json({"run", "--arch", "eyeriss_shiftadd", "--trace",
                             "llama-3-8b.decode-1024.shiftadd-2bit", "--json", "-"});
  const Json& last = audited["steps"].back();
  CHECK(last["step"] == "simulated");
  CHECK(audited["context_tokens"] == 1024);
  const auto check = [&](const char* design, const Json& totals) {
    INFO(design);
    CHECK(last["designs"][design]["energy_j"].get<double>() ==
          Approx(totals["energy_j"].get<double>()).epsilon(1e-12));
    CHECK(last["designs"][design]["latency_s"] == totals["latency_s"]);
    CHECK(audited["designs"][design]["area_mm2"] == totals["area_mm2"]);
  };
  check("shiftadd", run["totals"]);
  check("fp16", run["baselines"]["fp16"]["totals"]);
  check("optq", run["baselines"]["same_bits"]["totals"]);
}

TEST_CASE("The audit says of each design what it stores, how large it is and what binds it") {
  const Json audited = audit_json({"--model", "opt-66b", "--equal", "throughput"});
  CHECK(audited["equalisation"] == "iso-throughput");
  const Json run =
      run_json({"run", "--arch", "eyeriss_shiftadd", "--trace", "opt-66b.decode.shiftadd-3bit",
                "--equal", "throughput", "--json", "-"});
  const Json& optq = audited["designs"]["optq"];
  CHECK(optq["columns"] == run["baselines"]["same_bits"]["columns"]);
  CHECK(audited["steps"].back()["designs"]["optq"]["latency_s"] ==
        run["baselines"]["same_bits"]["totals"]["latency_s"]);
  // 3 bits, and for 128 weights a scale of 16 bits and a zero point of 3.
  CHECK(optq["stored_bits_a_weight"].get<double>() == Approx(3.0 + 19.0 / 128.0));
  // 3 planes of 8 x 1152 and 8 x 4608 blocks, scales of 24 bits: 72 bits for 8 x N/8 weights.
  const Json& shiftadd = audited["designs"]["shiftadd"];
  const double small = 9216.0 * 9216.0;
  const double scales = 72.0 / 8.0 * 8.0 * (5.0 * 9216.0 + 36864.0);
  CHECK(shiftadd["stored_bits_a_weight"].get<double>() == Approx(3.0 + scales / (12.0 * small)));
  double shares = 0.0;
  for (const auto& share : shiftadd["time_bound_by"].items()) shares += share.value().get<double>();
  CHECK(shares == Approx(1.0));
}

TEST_CASE("The audit starts at the printed cells of Tables 10 and 13 and marks what they claim") {
  // ShiftAddLLM (arXiv:2406.05981v4), Table 10, OPT-66B, and Table 13, LLaMA-2-70B: FP16, OPTQ 3 bit,
  // ShiftAddLLM 3 bit, printed in J and truncated to two decimals.
  const Json opt = audit_json({"--model", "opt-66b"});
  const Json& opt_start = opt["steps"].front()["designs"];
  CHECK(std::abs(opt_start["fp16"]["energy_j"].get<double>() - 15539.87) < 0.01);
  CHECK(opt_start["optq"]["energy_j"].get<double>() == Approx(3658.17).epsilon(2e-4));
  CHECK(std::abs(opt_start["shiftadd"]["energy_j"].get<double>() - 1990.17) < 0.01);
  // Beside the table, the text and figure 8 quote savings of their own.
  REQUIRE(opt["claims"].size() == 3);
  CHECK(opt["claims"][0]["where"] == "Table 10");
  CHECK(opt["claims"][0]["saving_vs_fp16_percent"].get<double>() ==
        Approx(100.0 * (1.0 - 1990.17 / 15539.87)).epsilon(1e-12));
  CHECK(opt["claims"][1]["saving_vs_fp16_percent"] == 87.2);
  CHECK(opt["claims"][2]["saving_vs_fp16_percent"] == 83.1);
  const Json llama = audit_json({"--model", "llama-2-70b"});
  CHECK(std::abs(llama["steps"][0]["designs"]["fp16"]["energy_j"].get<double>() - 18482.5) < 0.01);
  CHECK(llama["claims"][0]["where"] == "Table 13");
}

TEST_CASE("Factors and savings of each step are those of its energies and latencies") {
  const Json audited = audit_json({"--model", "opt-1.3b"});
  CHECK(audited["steps"].size() == 15);
  for (const Json& step : audited["steps"]) {
    INFO(step["step"]);
    for (const std::string figure : {"energy", "latency"}) {
      const std::string key = figure + (figure == "energy" ? "_j" : "_s");
      const auto of = [&](const char* design) {
        return step["designs"][design][key].get<double>();
      };
      CHECK(step[figure + "_saving_vs_fp16_percent"].get<double>() ==
            Approx(100.0 * (1.0 - of("shiftadd") / of("fp16"))));
      CHECK(step[figure + "_saving_vs_optq_percent"].get<double>() ==
            Approx(100.0 * (1.0 - of("shiftadd") / of("optq"))));
      CHECK(step[figure + "_compression_factor"].get<double>() *
                step[figure + "_multiplication_free_factor"].get<double>() ==
            Approx(of("fp16") / of("shiftadd")));
    }
    for (const auto& design : step["designs"].items()) {
      double sum = 0.0;
      for (const auto& part : design.value()["energy_by_component_j"].items())
        sum += part.value().get<double>();
      CHECK(design.value()["energy_j"].get<double>() == Approx(sum).epsilon(1e-12));
    }
  }
  const auto latency = [&](std::size_t back) {
    return audited["steps"][15 - back]["designs"]["fp16"]["latency_s"].get<double>();
  };
  CHECK(audited["residual"]["fp16"]["latency_s"].get<double>() ==
        Approx(latency(1) - latency(2)).epsilon(1e-9));
}

TEST_CASE("A config.json is audited as it is, without a claim") {
  const std::string path = ADDAX_SOURCE_DIR "/configs/models/llama-2-70b.json";
  const Json audited = audit_json({"--model", path});
  CHECK(audited["claims"].empty());
  // Eight key-value heads from the start: 16 259.5 mJ in FP16, not the paper's 18 482.5.
  CHECK(audited["steps"][1]["designs"]["fp16"]["energy_j"].get<double>() ==
        Approx(16.2595).epsilon(1e-5));
}

TEST_CASE("The audit is also written as CSV, one row a step and design, and as LaTeX") {
  const Outcome csv = audit({"--model", "opt-125m", "--csv", "-"});
  CHECK(csv.status == 0);
  CHECK(lines(csv.out) == 1 + 15 * 3);
  const Outcome latex = audit({"--model", "opt-125m", "--latex", "-"});
  CHECK(latex.status == 0);
  CHECK(contains(latex.out, "\\toprule"));
  CHECK(contains(latex.out, "Keys of every plane"));
}

TEST_CASE("The parts of an audit's energy are what they are called") {
  // OPT-125M: 12 blocks of 12 x 768 x 768 weights and a head. The paper's DRAM takes 200 pJ a
  // weight, its registers 11.1 in the product and in the sum, multiply and add 1.5 pJ.
  const double weights = 12.0 * 12 * 768 * 768 + 768.0 * 50272;
  const Json audited = audit_json({"--model", "opt-125m"});
  const Json& start = audited["steps"][1]["designs"]["fp16"]["energy_by_component_j"];
  const auto picojoules = [&](const char* part) {
    return start[part].get<double>() * 1e12 / weights;
  };
  CHECK(picojoules("dram") == Approx(200.0).epsilon(0.01));
  CHECK(picojoules("registers") == Approx(22.2).epsilon(0.01));
  CHECK(picojoules("arithmetic") == Approx(1.5).epsilon(0.01));
  CHECK(picojoules("network") > 7.4);
  CHECK(picojoules("network") < 22.2);
  CHECK(picojoules("buffer") < 7.4);
  for (const Json& step : audited["steps"]) {
    INFO(step["step"]);
    const Json& designs = step["designs"];
    CHECK(designs["fp16"]["energy_by_component_j"]["tables"] == 0.0);
    CHECK(designs["shiftadd"]["energy_by_component_j"]["tables"] > 0.0);
  }
  const auto part = [&](std::size_t back, const char* name) {
    return audited["steps"][15 - back]["designs"]["optq"]["energy_by_component_j"][name]
        .get<double>();
  };
  CHECK(part(4, "other") == 0.0);
  CHECK(part(3, "other") > 0.0);
  CHECK(part(3, "static") == 0.0);
  CHECK(part(2, "static") > 0.0);
}

TEST_CASE("What the audit cannot do is refused in one line") {
  check_refused(audit({"--model", "opt-66"}), {"opt-66", "opt-66b"});
  check_refused(audit({"--model", ""}), {"--model"});
  check_refused(audit({"--context", "0"}), {"--context"});
  check_refused(audit({"--context", "5000"}), {"context", "5000", "2048"});
  check_refused(audit({"--bits", "4"}), {"--bits", "4"});
  check_refused(audit({"--tech", "horowitz-2014"}), {"purpose"});
  check_refused(audit({"--breakdown"}), {"--breakdown", "--audit"});
  check_refused(audit({"--table", "10"}), {"--table", "memory"});
  check_refused(audit({"--equal", "speed"}), {"--equal", "speed", "throughput"});
  check_refused(audit({"--table", "memory", "--bits", "2"}), {"--bits", "--table memory"});
  check_refused(audit({"--table", "memory", "--equal", "pe"}), {"--equal", "--table memory"});
  check_refused(run_addax({"reproduce", "shiftaddllm", "--bits", "2"}), {"--bits", "--audit"});
}
