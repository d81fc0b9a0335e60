// SPDX-License-Identifier: Apache-2.0
#include "tests/catch.h"
#include "tests/cli/harness.h"

using namespace addax::cli;

TEST_CASE("A mistake on the command line is one line that names it and what is allowed") {
  struct Mistake {
    const char* what;
    std::vector<std::string> words;
    std::vector<std::string> named;
  };
  const std::vector<std::string> run = {"run", "--arch", "eyeriss_fp16", "--trace",
                                        "opt-125m.decode.fp16"};
  const std::vector<std::string> make = {"trace", "make", "--model", "opt-125m", "-o", "-"};
  const std::vector<Mistake> mistakes = {
      {"no command", {}, {"command", "run, trace, map, area, check"}},
      {"an unknown command", {"sumulate"}, {"'sumulate'"}},
      {"a misspelt command", {"chekc"}, {"did you mean 'check'?"}},
      {"an option for a command", {"--arch", "x"}, {"'--arch'"}},
      {"words after --version", {"--version", "now"}, {"--version"}},
      {"an unknown option", joined(run, {"--fast"}), {"--fast"}},
      {"a misspelt option", joined(run, {"--fidelty", "cycle"}), {"did you mean '--fidelity'?"}},
      {"an abbreviated option", joined(run, {"--fid", "cycle"}), {"--fid"}},
      {"an unknown short option", joined(run, {"-x"}), {"-x"}},
      {"an option without its value", {"run", "--arch"}, {"arch"}},
      {"an empty value", {"run", "--arch", "", "--trace", "x"}, {"--arch"}},
      {"no architecture", {"run", "--trace", "opt-125m.decode.fp16"}, {"--arch"}},
      {"no trace", {"run", "--arch", "eyeriss_fp16"}, {"--trace"}},
      {"a word too many", joined(run, {"more"}), {}},
      {"an option given twice", joined(run, {"--tech", "a", "--tech", "b"}), {"--tech", "once"}},
      {"an unknown architecture", {"area", "--arch", "eyeriss_fp61"}, {"did you mean"}},
      {"an unknown cost table", joined(run, {"--tech", "physical-54nm"}), {"did you mean"}},
      {"an unknown fidelity",
       joined(run, {"--fidelity", "cycles"}),
       {"--fidelity", "'cycles'", "cycle, analytic", "did you mean 'cycle'?"}},
      {"an unknown baseline", joined(run, {"--baseline", "fp32"}), {"--baseline", "'fp32'"}},
      {"an unknown equalisation", joined(run, {"--equal", "iso-area"}), {"--equal", "area"}},
      {"two results on standard output", joined(run, {"--json", "-", "--csv", "-"}), {"--csv"}},
      {"two results in one file", joined(run, {"--json", "x", "--latex", "x"}), {"--latex"}},
      {"a flag with a value", joined(run, {"--quiet=yes"}), {"quiet"}},
      {"a trace that is no name", {"run", "--arch", "eyeriss_fp16", "--trace", "opt"}, {"'opt'"}},
      {"an unknown model in a trace's name",
       {"run", "--arch", "eyeriss_fp16", "--trace", "opt-7.6b.decode.fp16"},
       {"opt-7.6b", "did you mean"}},
      {"an unknown phase in a trace's name",
       {"run", "--arch", "eyeriss_fp16", "--trace", "opt-125m.encode.fp16"},
       {"encode", "did you mean 'decode'?"}},
      {"an unknown format in a trace's name",
       {"run", "--arch", "eyeriss_fp16", "--trace", "opt-125m.decode.fp15"},
       {"fp15", "did you mean 'fp16'?"}},
      {"a context beyond the model's limit",
       {"run", "--arch", "eyeriss_fp16", "--trace", "opt-125m.decode-4096.fp16"},
       {"4096", "2048"}},
      {"a context of nothing",
       {"run", "--arch", "eyeriss_fp16", "--trace", "opt-125m.decode-0.fp16"},
       {"0"}},
      {"bits that no format has",
       {"run", "--arch", "eyeriss_fp16", "--trace", "opt-125m.decode.int-9bit"},
       {"int-9bit"}},
      {"trace without make", {"trace"}, {"make"}},
      {"trace with another word", {"trace", "mkae"}, {"did you mean 'make'?"}},
      {"a trace that goes nowhere", {"trace", "make", "--model", "opt-125m"}, {"--output"}},
      {"a trace of no model", {"trace", "make", "-o", "-"}, {"--model"}},
      {"a trace of an unknown model",
       {"trace", "make", "--model", "opt-6.8b", "-o", "-"},
       {"did you mean 'opt-6.7b'?"}},
      {"a batch of nothing", joined(make, {"--batch", "0"}), {"--batch", "'0'"}},
      {"a negative batch", joined(make, {"--batch", "-1"}), {"--batch"}},
      {"a batch that is a word", joined(make, {"--batch", "two"}), {"--batch", "'two'"}},
      {"a huge batch", joined(make, {"--batch", "99999999999999999999999"}), {"--batch"}},
      {"a batch with a unit", joined(make, {"--batch", "2x"}), {"--batch", "'2x'"}},
      {"a phase without meaning", joined(make, {"--phase", "decode-many"}), {"decode-many"}},
      {"a prefill of nothing", joined(make, {"--phase", "prefill:0"}), {"0"}},
      {"an unknown width",
       joined(make, {"--activation-bits", "12"}),
       {"--activation-bits", "'12'"}},
      {"an unknown cache width", joined(make, {"--kv-bits", "2"}), {"--kv-bits"}},
      {"an unknown sum width", joined(make, {"--accumulator-bits", "64"}), {"--accumulator-bits"}},
      {"an unknown granularity",
       joined(make, {"--weights", "shiftadd-3bit", "--granularity", "rows"}),
       {"--granularity", "did you mean 'row'?"}},
      {"two granularities",
       joined(make, {"--weights", "shiftadd-3bit", "--granularity", "row", "--group", "128"}),
       {"--granularity", "--group"}},
      {"a group that no block has",
       joined(make, {"--weights", "shiftadd-3bit", "--group", "12"}),
       {"--group: found '12' for weights in shiftadd-3bit; allowed: 8, 16, 64 and other"}},
      {"terms for a format without",
       joined(make, {"--weights", "int-4bit", "--terms", "3"}),
       {"--terms: found '3' for weights in int-4bit; allowed: nothing"}},
      {"a granularity that the format has not",
       joined(make, {"--weights", "int-4bit", "--granularity", "column"}),
       {"--granularity: found 'column' for weights in int-4bit; allowed: row, tensor"}},
      {"a group for a format without",
       joined(make, {"--weights", "msfp", "--group", "64"}),
       {"--group: found '64' for weights in msfp; allowed: nothing"}},
      {"tokens that no phase takes",
       joined(make, {"--phase", "decode", "--tokens", "3"}),
       {"--tokens", "prefill"}},
      {"a context that no phase takes",
       joined(make, {"--phase", "prefill", "--context", "3"}),
       {"--context", "decode"}},
      {"a context beside a phase's own",
       joined(make, {"--phase", "decode:5", "--context", "3"}),
       {"--context"}},
      {"more experts than a token draws",
       {"trace", "make", "--model", "mixtral-8x7b-v0.1", "-o", "-", "--experts", "100"},
       {"experts: found '100'; allowed: 2 (1 token, 2 experts each)"}},
      {"experts of a dense model", joined(make, {"--experts", "3"}), {"experts"}},
      {"bits of layers for a format without",
       joined(make, {"--allocation", "gone.yaml", "--weights", "bcq-3bit"}),
       {"gone.yaml"}},
      {"check of nothing", {"check"}, {"FILE"}},
      {"check of two files", {"check", "a.yaml", "b.yaml"}, {}},
      {"check as something unknown",
       {"check", "a.yaml", "--as", "archtecture"},
       {"--as", "did you mean 'architecture'?"}},
      {"a line feed in a word", {"run", "--arch", "a\nb", "--trace", "x"}, {}},
  };
  for (const Mistake& mistake : mistakes) {
    INFO(mistake.what);
    check_refused(run_addax(mistake.words), mistake.named);
  }
}

TEST_CASE("Bits for layers that the model has not is refused") {
  const Folder folder;
  const std::string bits = folder.write("bits.yaml", "block.99.q: 3\n");
  check_refused(run_addax({"trace", "make", "--model", "opt-125m", "--weights", "shiftadd-3bit",
                           "--allocation", bits, "-o", folder.path("out.yaml")}),
                {bits, "block.99.q"});
  CHECK_FALSE(folder.has("out.yaml"));
}

TEST_CASE("What is allowed is not suggested again where it is one word") {
  const Folder folder;
  const std::string path = folder.write("arch.yaml", "addax: architecture/2\n");
  const Outcome outcome = run_addax({"check", path, "--as", "trace"});
  check_refused(outcome, {"found 'architecture/2'; allowed: trace/1"});
  const Outcome arch = run_addax({"area", "--arch", path});
  CHECK_FALSE(contains(arch.err, "did you mean"));
}
