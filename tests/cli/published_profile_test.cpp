// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;
using Json = nlohmann::json;

namespace {

const std::string kConfigs = ADDAX_SOURCE_DIR "/configs/models/";

Words words(const std::string& model, const Words& more) {
  return joined({"run", "--profile", "published", "--model", model}, more);
}

std::string out(const std::string& model, const std::vector<std::string>& more) {
  return done(words(model, more)).out;
}

Json json(const std::string& model, std::vector<std::string> more) {
  more.insert(more.end(), {"--json", "-"});
  return Json::parse(out(model, more));
}

}  // namespace

TEST_CASE("The published profile gives a cell of Table 10 with its baselines and savings") {
  const Json result = json("opt-66b", {"--method", "shiftadd", "--bits", "3"});
  CHECK(result["schema"] == "addax.published/1");
  CHECK(result["scheme"] == "shiftadd_3bit");
  CHECK(result["shape"]["source"] == "paper");
  // ShiftAddLLM (arXiv:2406.05981v4), Table 10, column OPT-66B: printed as J.
  CHECK(result["totals"]["energy_mj"].get<double>() == Approx(1990.17).margin(0.01));
  CHECK(result["totals"]["energy_j"].get<double>() == Approx(1.99017).margin(1e-5));
  const Json& fp16 = result["baselines"]["fp16"];
  CHECK(fp16["totals"]["energy_mj"].get<double>() == Approx(15539.87).margin(0.01));
  const Json& same = result["baselines"]["same_bits"];
  CHECK(same["scheme"] == "optq_3bit");
  CHECK(same["totals"]["energy_mj"].get<double>() == Approx(3658.17).epsilon(2e-4));
  CHECK(result["savings"]["fp16"]["energy_percent"].get<double>() ==
        Approx(100.0 - 100.0 * 1990.17 / 15539.87).margin(1e-3));

  double categories = 0.0;
  for (const auto& each : result["breakdown"].items()) categories += each.value().get<double>();
  CHECK(categories == Approx(result["totals"]["energy_mj"].get<double>()));
  double layers = 0.0;
  for (const auto& each : result["energy_mj_by_layer"].items())
    layers += each.value().get<double>();
  CHECK(layers == Approx(categories));
}

TEST_CASE("A name is the paper's shape and a config.json the model's own") {
  const std::vector<std::string> fp16 = {"--method", "fp16"};
  const Json named = json("llama-2-70b", fp16);
  CHECK(named["totals"]["energy_mj"].get<double>() == Approx(18482.5).margin(0.1));
  CHECK(named["shape"]["kv_width"] == 8192);
  CHECK(named["baselines"].empty());
  CHECK(named["savings"].empty());
  const Json read = json(kConfigs + "llama-2-70b.json", fp16);
  CHECK(read["totals"]["energy_mj"].get<double>() == Approx(16259.5).margin(0.1));
  CHECK(read["shape"]["kv_width"] == 1024);
  CHECK(read["shape"]["source"] == "config");
}

TEST_CASE("Any readable config.json has a published account") {
  const std::vector<std::string> mixed = {"--method", "shiftadd", "--bits", "mixed"};
  const Json experts = json(kConfigs + "mixtral-8x7b-v0.1.json", mixed);
  CHECK(experts["mixed"] == true);
  CHECK(experts["shape"]["blocks"][0]["copies"] == 2);
  CHECK(experts["energy_mj_by_layer"].contains("router"));
  CHECK(json(kConfigs + "opt-350m.json", mixed)["energy_mj_by_layer"].contains("project_in"));
  CHECK_FALSE(json("opt-350m", mixed)["energy_mj_by_layer"].contains("project_in"));
  CHECK(json("opt-350m", mixed)["baselines"]["same_bits"]["scheme"] == "optq_mixed");
}

TEST_CASE("Operations are listed on request, with tilings that multiply to the shape") {
  const std::vector<std::string> words = {"--method", "lutgemm", "--bits", "2"};
  CHECK_FALSE(json("opt-125m", words).contains("operations"));
  std::vector<std::string> with = words;
  with.emplace_back("--tilings");
  const Json result = json("opt-125m", with);
  double energy = 0.0, latency = 0.0;
  for (const Json& each : result["operations"]) {
    const Json &t = each["tiling"], &problem = each["problem"];
    const auto factor = [&](const char* key) { return t[key].get<std::uint64_t>(); };
    CHECK(factor("n0") * factor("n3") == problem["batch"]);
    CHECK(factor("m0") * factor("m1") * factor("m2") * factor("m3") == problem["outputs"]);
    CHECK(factor("c0") * factor("c1") * factor("c2") == problem["inputs"]);
    double levels = 0.0;
    for (const auto& level : each["energy_mj_by_level"].items())
      levels += level.value().get<double>();
    CHECK(levels == Approx(each["energy_mj"].get<double>()));
    energy += each["energy_mj"].get<double>();
    latency += each["latency_s"].get<double>();
  }
  CHECK(energy == Approx(result["totals"]["energy_mj"].get<double>()));
  CHECK(latency == Approx(result["totals"]["latency_s"].get<double>()));
  const std::string text = out("opt-125m", with);
  for (const char* part : {"operations of lutgemm_2bit", "operations of optq_2bit", "N0", "C2"})
    CHECK(contains(text, part));
}

TEST_CASE("The text names units, savings, categories and layers, and says what the paper prints") {
  const std::string text = out("opt-66b", {"--method", "shiftadd", "--bits", "3"});
  for (const char* part :
       {"energy (mJ)", "1990.1", "15539.8", "saving", "87.2 %", "lut lookup", "fc2",
        "The paper prints these energies as J and these latencies as ms."})
    CHECK(contains(text, part));
  CHECK_FALSE(contains(text, "operations of"));
  CHECK(out("opt-66b", {"--method", "fp16", "--quiet"}).empty());
}

TEST_CASE("Rows of operations sum to the total, and the table is one of booktabs") {
  const std::vector<std::string> optq = {"--method", "optq", "--bits", "4"};
  const Json result = json("opt-1.3b", optq);
  CHECK_FALSE(result["baselines"].contains("same_bits"));
  std::vector<std::string> csv = optq;
  csv.insert(csv.end(), {"--csv", "-"});
  const std::string rows = out("opt-1.3b", csv);
  CHECK(rows.rfind("design,scheme,layer,operation,", 0) == 0);
  double energy = 0.0;
  std::istringstream stream(rows);
  for (std::string row; std::getline(stream, row);) {
    if (row.rfind("design,optq_4bit,", 0) != 0) continue;
    const std::size_t last = row.rfind(',');
    energy += std::stod(row.substr(row.rfind(',', last - 1) + 1));
  }
  CHECK(energy == Approx(result["totals"]["energy_mj"].get<double>()));
  std::vector<std::string> latex = optq;
  latex.insert(latex.end(), {"--latex", "-"});
  CHECK(contains(out("opt-1.3b", latex), "opt-1.3b & optq\\_4bit & fp16 & Saving"));
}

TEST_CASE("Equal questions get equal bytes") {
  const std::vector<std::string> more = {"--method",  "shiftadd", "--bits", "2",
                                         "--tilings", "--json",   "-"};
  CHECK(out("llama-3-8b", more) == out("llama-3-8b", more));
}

TEST_CASE("A mistake with profiles is one line that names it and what is allowed") {
  struct Mistake {
    const char* what;
    std::vector<std::string> words;
    std::vector<std::string> named;
  };
  const std::vector<std::string> simulated = {"run", "--arch", "eyeriss_fp16", "--trace",
                                              "opt-125m.decode.fp16"};
  const auto physical = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = simulated;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const std::vector<std::string> shift3 = {"--method", "shiftadd", "--bits", "3"};
  const auto published = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = words("opt-66b", shift3);
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const std::vector<Mistake> mistakes = {
      {"an unknown profile", {"run", "--profile", "publish"}, {"did you mean 'published'?"}},
      {"a model for a simulation", physical({"--model", "opt-125m"}), {"--model", "physical"}},
      {"a method for a simulation", physical({"--method", "fp16"}), {"--method", "physical"}},
      {"bits for a simulation", physical({"--bits", "3"}), {"--bits", "physical"}},
      {"tilings of a simulation",
       physical({"--tilings", "--profile", "physical"}),
       {"--tilings", "physical"}},
      {"an architecture", published({"--arch", "eyeriss_fp16"}), {"--arch", "published"}},
      {"a trace", published({"--trace", "opt-125m.decode.fp16"}), {"--trace", "published"}},
      {"a cost table", published({"--tech", "physical-45nm"}), {"--tech", "published"}},
      {"a fidelity", published({"--fidelity", "cycle"}), {"--fidelity", "published"}},
      {"baselines", published({"--baseline", "none"}), {"--baseline", "published"}},
      {"an equalisation", published({"--equal", "pe"}), {"--equal", "published"}},
      {"no reuse", published({"--no-reuse"}), {"--no-reuse", "published"}},
      {"no model",
       {"run", "--profile", "published", "--method", "fp16"},
       {"--model", "config.json"}},
      {"no method", words("opt-66b", {}), {"--method", "fp16, optq, lutgemm, shiftadd"}},
      {"an unknown method",
       words("opt-66b", {"--method", "shift-add", "--bits", "3"}),
       {"'shift-add'", "did you mean 'shiftadd'?"}},
      {"no bits", words("opt-66b", {"--method", "optq"}), {"--bits", "2, 3, 4, mixed"}},
      {"unknown bits", words("opt-66b", {"--method", "optq", "--bits", "5"}), {"--bits", "'5'"}},
      {"bits of FP16", words("opt-66b", {"--method", "fp16", "--bits", "3"}), {"allowed: 16"}},
      {"bits twice", published({"--bits", "2"}), {"--bits", "once"}},
      {"a model that is not the paper's",
       words("mistral-7b-v0.1", shift3),
       {"'mistral-7b-v0.1'", "opt-66b", "llama-2-70b", "configs/models/mistral-7b-v0.1.json"}},
      {"a misspelt model", words("opt-6.6b", shift3), {"'opt-6.6b'", "did you mean 'opt-"}},
      {"a config.json that is not there", words("gone.json", shift3), {"gone.json"}},
      {"two results on standard output",
       published({"--json", "-", "--csv", "-"}),
       {"--csv", "--json"}},
      {"a result over the model",
       words(kConfigs + "opt-125m.json",
             {"--method", "fp16", "--json", kConfigs + "opt-125m.json"}),
       {"--json", "--model reads"}},
  };
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.what);
    check_refused(run_addax(mistake.words), mistake.named);
  }
}

TEST_CASE("Sizes that tables cannot take are refused at their key in the config.json") {
  const Folder folder;
  const auto config = [&](const std::string& hidden, const std::string& heads,
                          const std::string& more, const std::string& ffn) {
    return folder.write("odd.json",
                        "{\"model_type\": \"llama\", \"vocab_size\": 100,\n"
                        "\"hidden_size\": " +
                            hidden + ",\n" + "\"intermediate_size\": " + ffn + ",\n" +
                            "\"num_attention_heads\": " + heads + more +
                            ", \"num_hidden_layers\": 2}\n");
  };
  const std::vector<std::string> shift3 = {"--method", "shiftadd", "--bits", "3"};
  check_refused(run_addax(words(config("100", "4", "", "128"), shift3)),
                {"odd.json:2: hidden_size: found '100'; allowed: a multiple of 8"});
  check_refused(run_addax(words(config("64", "4", "", "130"), shift3)),
                {"odd.json:3: intermediate_size: found '130'; allowed: a multiple of 8"});
  check_refused(run_addax(words(config("64", "3", ", \"head_dim\": 12", "128"), shift3)),
                {"odd.json:4: num_attention_heads: found '36'; allowed: a multiple of 8, the key's "
                 "bits, as heads"});
  out(config("100", "4", "", "130"), {"--method", "optq", "--bits", "3"});
}

TEST_CASE("A model of the largest sizes has its account at once") {
  const Folder folder;
  const std::string path = folder.write(
      "huge.json",
      "{\"model_type\": \"llama\", \"vocab_size\": 2147483647, \"hidden_size\": 2147483647,\n"
      "\"head_dim\": 2147483647, \"num_attention_heads\": 2147483647,\n"
      "\"intermediate_size\": 2147483647, \"num_hidden_layers\": 4096}\n");
  CHECK(json(path, {"--method", "fp16"})["totals"]["energy_mj"].get<double>() > 0.0);
}
