// SPDX-License-Identifier: Apache-2.0
#include "sim/app/weights_option.h"

#include "sim/input/trace_request.h"

namespace addax::app {
namespace {

constexpr std::uint64_t kMost = std::uint64_t{1} << 31U;

/// Builds the word for a weight format from --weights and the options that qualify it. A suffix
/// that the format does not take is refused in the words of its option.
class WeightsWord {
 public:
  WeightsWord(std::string word, std::string family)
      : given_(std::move(word)), word_(given_), family_(std::move(family)) {
    input::parse_weights(given_, family_);
  }
  const std::string& str() const { return word_; }

  /// `letter` and `value` make the suffix. Where it is refused, those of `others` that would be
  /// taken are offered, and `rest` behind them.
  void add(const std::string& option, const std::string& letter, const std::string& value,
           const Words& others, const std::string& rest = "") {
    const std::string start = word_ + "-" + letter;
    if (parses(start + value)) {
      word_ = start + value;
      return;
    }
    std::string allowed;
    for (const std::string& other : others)
      if (parses(start + other)) allowed += (allowed.empty() ? "" : ", ") + other;
    throw input::ConfigError(
        "--" + option + ": found '" + value + "' for weights in " + given_ +
        "; allowed: " + (allowed.empty() ? "nothing, as they have none" : allowed + rest));
  }

 private:
  bool parses(const std::string& word) const {
    try {
      input::parse_weights(word, family_);
      return true;
    } catch (const input::ConfigError&) {
      return false;
    }
  }

  std::string given_, word_, family_;
};

}  // namespace

std::string weights_word(const CommandLine& line, const std::string& weights,
                         const std::string& family) {
  WeightsWord word(weights, family);
  const auto group = line.integer("group", 1, kMost);
  const auto terms = line.integer("terms", 1, 16);
  if (group && line.has("granularity"))
    throw input::ConfigError("--granularity: found with --group; allowed: one of them");
  if (group)
    word.add("group", "g", std::to_string(*group), {"8", "16", "64"}, " and other multiples of 8");
  const Words words = {"row", "column", "tensor", "block"};
  if (line.has("granularity")) word.add("granularity", "", line.word("granularity", words), words);
  if (terms)
    word.add("terms", "k", std::to_string(*terms), {"1", "2", "3", "4", "5", "6", "7", "8"});
  return word.str();
}

}  // namespace addax::app
