// SPDX-License-Identifier: Apache-2.0
#include "sim/input/model_reader.h"
#include "tests/catch.h"

using namespace addax::input;
using Catch::Matchers::Contains;

namespace {

std::string message(const std::string& text) {
  try {
    read_model(Document::parse(text, "config.json"), "m");
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

std::string opt(const std::string& changed) {
  return "{\"model_type\": \"opt\", \"num_hidden_layers\": 2, \"vocab_size\": 10, \"ffn_dim\": "
         "8,\n" +
         changed + "}";
}

}  // namespace

TEST_CASE("A config.json that describes no model we know is refused with the reason") {
  CHECK(message(opt("\"hidden_size\": 12, \"num_attention_heads\": 3")).empty());
  CHECK_THAT(
      message("{\"model_type\": \"llamma\"}"),
      Contains("config.json:1: model_type: found 'llamma'") && Contains("did you mean 'llama'"));
  CHECK_THAT(message("{\"hidden_size\": 12}"), Contains("model_type: missing"));
  CHECK_THAT(message("[1, 2]"), Contains("a map"));
  CHECK_THAT(message(opt("\"hidden_size\": 12")), Contains("num_attention_heads: missing"));
  CHECK_THAT(message(opt("\"hidden_size\": 13, \"num_attention_heads\": 3")),
             Contains("config.json:2: num_attention_heads: found '3'; allowed: a divisor"));
  CHECK_THAT(message(opt("\"hidden_size\": 0, \"num_attention_heads\": 3")),
             Contains("hidden_size: found '0'"));
  CHECK_THAT(message(opt("\"hidden_size\": -12, \"num_attention_heads\": 3")), Contains("'-12'"));
  CHECK_THAT(message(opt("\"hidden_size\": 99999999999999999999, \"num_attention_heads\": 3")),
             Contains("99999999999999999999"));
  CHECK_THAT(message(opt("\"hidden_size\": \"12\", \"num_attention_heads\": 3")),
             Contains("hidden_size: found '\"12\"'"));
  CHECK_THAT(message(opt("\"hidden_size\": 12, \"num_attention_heads\": 3, "
                         "\"activation_function\": \"tanh\"")),
             Contains("activation_function: found 'tanh'"));
}

TEST_CASE("Impossible heads, experts and windows are refused") {
  const std::string llama =
      "\"vocab_size\": 10, \"num_hidden_layers\": 2, \"hidden_size\": 12, "
      "\"num_attention_heads\": 6, \"intermediate_size\": 8";
  CHECK(message("{\"model_type\": \"llama\", " + llama + "}").empty());
  CHECK_THAT(message("{\"model_type\": \"llama\", \"num_key_value_heads\": 4, " + llama + "}"),
             Contains("num_key_value_heads: found '4'; allowed: a divisor of the 6"));
  CHECK_THAT(message("{\"model_type\": \"mixtral\", \"num_key_value_heads\": 2, "
                     "\"num_local_experts\": 2, \"num_experts_per_tok\": 3, " +
                     llama + "}"),
             Contains("num_experts_per_tok: found '3'; allowed: at most the 2 experts"));
  CHECK_THAT(message("{\"model_type\": \"qwen2\", \"num_key_value_heads\": 2, "
                     "\"use_sliding_window\": true, " +
                     llama + "}"),
             Contains("use_sliding_window: found 'true'"));
}

TEST_CASE("An unknown model is answered with the nearest shipped one") {
  CHECK_THROWS_WITH(resolve_model("opt-67b"), Contains("did you mean 'opt-6"));
  CHECK_THROWS_WITH(resolve_model("/nowhere/config.json"), Contains("no such file"));
}
