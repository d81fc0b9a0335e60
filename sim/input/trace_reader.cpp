// SPDX-License-Identifier: Apache-2.0
#include "sim/input/trace_reader.h"

#include <charconv>
#include <map>

#include "models/quantity/diagnosis.h"
#include "sim/input/trace_chain.h"
#include "sim/input/values_reader.h"

namespace addax::input {

using namespace workload;  // NOLINT(google-build-using-namespace): every word of a trace is of it
using quantity::checked_add;
using quantity::checked_mul;

namespace {

constexpr std::uint64_t kMostSize = std::uint64_t{1} << 31;
constexpr std::uint64_t kMostElements = std::uint64_t{1} << 48;
constexpr std::uint64_t kMostBatch = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostRepeat = std::uint64_t{1} << 20;

constexpr std::size_t kLongestName = 1000;

using Formats = std::map<std::string, WeightFormat>;

std::uint64_t size_at(const Value& map, const std::string& key, std::uint64_t least = 1,
                      std::uint64_t most = kMostSize) {
  return map.at(key).integer(least, most);
}
std::uint64_t size_or(const Value& map, const std::string& key, std::uint64_t otherwise,
                      std::uint64_t least = 1, std::uint64_t most = kMostSize) {
  const std::optional<Value> value = map.find(key);
  return value ? value->integer(least, most) : otherwise;
}

/// A word of an enumeration, through its parser; `count` words in the enumeration's order.
template <class Enum>
Enum word_at(const Value& value, int count) {
  std::vector<std::string> words;
  for (int i = 0; i < count; ++i) words.emplace_back(name(static_cast<Enum>(i)));
  const std::string word = value.word(words);
  for (int i = 0; i < count; ++i)
    if (word == words[static_cast<std::size_t>(i)]) return static_cast<Enum>(i);
  value.fail("one of the words");
}

std::string name_at(const Value& map, const std::string& key) {
  const Value value = map.at(key);
  std::string text = value.text();
  if (text.empty() || text.size() > kLongestName)
    value.fail("a name of 1 to " + std::to_string(kLongestName) + " characters");
  return text;
}

WeightFormat weights_at(const Value& value, const Formats& formats) {
  if (value.is_map()) return read_weight_format(value);
  std::vector<std::string> words;
  for (const auto& [word, format] : formats) words.push_back(word);
  if (!value.is_scalar() || words.empty()) value.fail("a map, or a name listed under formats");
  return formats.at(value.word(words));
}

/// What the works of a trace share.
struct Shared {
  Formats formats;
  ValuesReader values;
};

Linear read_linear(const Value& map, Shared& shared) {
  map.allow_only({"tokens", "inputs", "outputs", "copies", "role", "weights", "values"});
  Linear linear;
  linear.tokens = size_at(map, "tokens");
  linear.inputs = size_at(map, "inputs");
  linear.outputs = size_at(map, "outputs");
  linear.copies = size_or(map, "copies", 1);
  linear.role = word_at<LinearRole>(map.at("role"), 5);
  linear.weights = weights_at(map.at("weights"), shared.formats);
  if (const std::optional<Value> values = map.find("values")) shared.values.read(*values, linear);
  return linear;
}

/// Batch, new and past tokens are the phase's.
AttentionShape read_attention(const Value& map, const Phase& phase) {
  map.allow_only({"heads", "kv_heads", "head_dim", "window"});
  AttentionShape shape;
  shape.batch = phase.batch;
  shape.new_tokens = phase.new_tokens;
  shape.past = phase.context - phase.new_tokens;
  shape.heads = size_at(map, "heads");
  shape.kv_heads = size_at(map, "kv_heads");
  if (shape.heads % shape.kv_heads != 0)
    map.at("kv_heads").fail("a divisor of heads " + std::to_string(shape.heads));
  shape.head_dim = size_at(map, "head_dim");
  if (const std::optional<Value> window = map.find("window"))
    shape.window = window->integer(1, kMostSize);
  return shape;
}

Elementwise read_elementwise(const Value& map) {
  map.allow_only({"function", "rows", "width", "terms", "parameter_elements"});
  Elementwise work;
  work.function = word_at<VectorFunction>(map.at("function"), 14);
  work.rows = size_at(map, "rows", 1, kMostElements);
  work.width = size_at(map, "width", 1, kMostElements);
  work.terms = size_or(map, "terms", 1);
  work.parameter_elements = size_or(map, "parameter_elements", 0, 0, kMostElements);
  return work;
}

Transfer read_transfer(const Value& map) {
  map.allow_only({"direction", "elements", "element_bits"});
  Transfer work;
  work.direction = word_at<TransferDirection>(map.at("direction"), 2);
  work.elements = size_at(map, "elements", 1, kMostElements);
  work.element_bits = map.at("element_bits").integer32(1, 64);
  return work;
}

const std::vector<std::string>& work_words() {
  static const std::vector<std::string> words = {"linear",  "scores",      "softmax",
                                                 "context", "elementwise", "transfer"};
  return words;
}

Work read_work(const Value& operation, const Phase& phase, Shared& shared) {
  std::optional<std::string> given;
  for (const std::string& word : work_words())
    if (operation.find(word)) {
      if (given) operation.at(word).fail("one work an operation, and it has " + *given);
      given = word;
    }
  if (!given)
    operation.fail(
        "an operation with one of linear, scores, softmax, context, elementwise, "
        "transfer");
  const Value map = operation.at(*given);
  if (*given == "linear") return read_linear(map, shared);
  if (*given == "scores") return Scores{read_attention(map, phase)};
  if (*given == "softmax") return Softmax{read_attention(map, phase)};
  if (*given == "context") return Context{read_attention(map, phase)};
  if (*given == "elementwise") return read_elementwise(map);
  return read_transfer(map);
}

ArithmeticCounts counts_of(const Work& work, const Widths& widths) {
  if (const auto* w = std::get_if<Linear>(&work)) return arithmetic(*w, widths, Realisation{});
  if (const auto* w = std::get_if<Scores>(&work)) return arithmetic(*w, widths);
  if (const auto* w = std::get_if<Softmax>(&work)) return arithmetic(*w);
  if (const auto* w = std::get_if<Context>(&work)) return arithmetic(*w, widths);
  if (const auto* w = std::get_if<Elementwise>(&work)) return arithmetic(*w);
  return {};
}

/// Where the sizes of an operation stand: its phase, its block and itself.
struct SizePlaces {
  const Value& phase;
  const Value& block;
  const Value& operation;
};

/// Refuses the largest of the sizes that an operation's counts are made of.
[[noreturn]] void fail_largest(const SizePlaces& places, const Operation& operation) {
  std::optional<Value> largest;
  std::uint64_t most = 0;
  const auto consider = [&](const std::optional<Value>& value) {
    if (!value || !value->is_scalar()) return;
    const std::string text = value->text();
    std::uint64_t size = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), size);
    if (parsed.ec != std::errc() || size <= most) return;
    most = size;
    largest = value;
  };
  for (const auto& [key, value] : places.operation.at(work_name(operation.work)).entries())
    consider(value);
  consider(places.block.find("repeat"));
  const bool attention = std::holds_alternative<Scores>(operation.work) ||
                         std::holds_alternative<Softmax>(operation.work) ||
                         std::holds_alternative<Context>(operation.work);
  if (attention)
    for (const char* key : {"batch", "new_tokens", "context"}) consider(places.phase.find(key));
  largest.value_or(places.operation)
      .fail("a size with which the counts of '" + operation.name +
            "', summed over the trace, stay below 2^64");
}

/// Counts everything about an operation once, so that an overflow is found where its line is known.
void check_counts(const SizePlaces& places, const Operation& operation, const Widths& widths,
                  std::uint64_t repeat, ArithmeticCounts& total) {
  try {
    const Work& work = operation.work;
    total.add(counts_of(work, widths), repeat);
    checked_mul(macs(work), repeat);
    checked_mul(elements_written(work), std::uint64_t{64}, repeat);
    for (std::size_t i = 0; i < operation.reads.size(); ++i)
      checked_mul(elements_read(work, i), std::uint64_t{64}, repeat);
    if (const auto* linear = std::get_if<Linear>(&work)) {
      const StoredBits bits = stored_bits(linear->weights, linear->inputs, linear->outputs);
      checked_mul(checked_add(bits.codes.value(), bits.scales.value()), linear->copies, repeat);
    }
    if (const auto* scores = std::get_if<Scores>(&work))
      checked_mul(cache_elements_read(scores->shape), std::uint64_t{16}, repeat);
  } catch (const quantity::CountOverflow&) {
    fail_largest(places, operation);
  }
}

Operation read_operation(const Value& value, const Phase& phase, Shared& shared) {
  std::set<std::string> keys(work_words().begin(), work_words().end());
  keys.insert({"name", "kind", "reads", "writes"});
  value.allow_only(keys);
  Operation operation;
  operation.name = name_at(value, "name");
  operation.kind = value.at("kind").word(operation_kinds());
  operation.work = read_work(value, phase, shared);
  if (const std::optional<Value> reads = value.find("reads"))
    for (const Value& tensor : reads->list()) operation.reads.push_back(tensor.text());
  if (const std::optional<Value> writes = value.find("writes")) operation.writes = writes->text();
  return operation;
}

void refuse_second(std::set<std::string>& names, const Value& map, const std::string& name) {
  if (!names.insert(name).second) map.at("name").fail("a name that no other here has");
}

class TraceReader {
 public:
  explicit TraceReader(Value root) : root_(std::move(root)) {}

  Trace read() {
    root_.at("addax").word({"trace/1"});
    root_.allow_only({"addax", "name", "model", "widths", "notes", "formats", "phases"});
    trace_.name = name_at(root_, "name");
    trace_.model = name_at(root_, "model");
    read_widths();
    shared_.values = ValuesReader(trace_.widths);
    if (const std::optional<Value> notes = root_.find("notes"))
      for (const Value& note : notes->list()) trace_.notes.push_back(note.text());
    if (const std::optional<Value> formats = root_.find("formats"))
      for (const auto& [name, value] : formats->entries())
        shared_.formats[name] = read_weight_format(value);
    const Value phases = root_.at("phases");
    std::set<std::string> names;
    for (const Value& phase : phases.list()) {
      read_phase(phase);
      refuse_second(names, phase, trace_.phases.back().name);
    }
    if (trace_.phases.empty()) phases.fail("at least one phase");
    return std::move(trace_);
  }

 private:
  void read_widths() {
    const std::optional<Value> widths = root_.find("widths");
    if (!widths) return;
    widths->allow_only({"activation_bits", "kv_bits", "accumulator_bits"});
    const auto bits = [&](const char* key, std::uint32_t otherwise) {
      const std::optional<Value> value = widths->find(key);
      return value ? value->integer32(1, 64) : otherwise;
    };
    trace_.widths = {bits("activation_bits", 16), bits("kv_bits", 16),
                     bits("accumulator_bits", 32)};
    try {
      check(trace_.widths);
    } catch (const quantity::Impossible& error) {
      widths->fail(error.diagnosis());
    }
  }

  void read_phase(const Value& value) {
    value.allow_only({"name", "kind", "batch", "new_tokens", "context", "blocks"});
    Phase phase;
    phase.name = name_at(value, "name");
    phase.kind = word_at<PhaseKind>(value.at("kind"), 2);
    phase.batch = size_or(value, "batch", 1, 1, kMostBatch);
    phase.new_tokens =
        size_at(value, "new_tokens", 1, phase.kind == PhaseKind::kDecode ? 1 : kMostSize);
    phase.context = size_at(value, "context", phase.new_tokens);
    const Value blocks = value.at("blocks");
    std::set<std::string> names;
    TensorChain chain;
    for (const Value& block : blocks.list()) {
      phase.blocks.push_back(read_block(block, value, phase));
      refuse_second(names, block, phase.blocks.back().name);
      follow_block(block, phase.blocks.back(), chain);
    }
    if (phase.blocks.empty()) blocks.fail("at least one block");
    trace_.phases.push_back(std::move(phase));
  }

  /// A block that is repeated reads what the block before it, equal to itself, left behind.
  static void follow_block(const Value& value, const Block& block, TensorChain& chain) {
    const std::vector<Value> places = value.at("operations").list();
    for (int turn = 0; turn < (block.repeat > 1 ? 2 : 1); ++turn)
      for (std::size_t i = 0; i < places.size(); ++i) chain.follow(places[i], block.operations[i]);
  }

  Block read_block(const Value& value, const Value& phase_place, const Phase& phase) {
    value.allow_only({"name", "repeat", "operations"});
    Block block;
    block.name = name_at(value, "name");
    block.repeat = size_or(value, "repeat", 1, 1, kMostRepeat);
    const Value operations = value.at("operations");
    std::set<std::string> names;
    for (const Value& operation : operations.list()) {
      block.operations.push_back(read_operation(operation, phase, shared_));
      refuse_second(names, operation, block.operations.back().name);
      check_counts({phase_place, value, operation}, block.operations.back(), trace_.widths,
                   block.repeat, total_);
    }
    if (block.operations.empty()) operations.fail("at least one operation");
    return block;
  }

  Value root_;
  Trace trace_;
  Shared shared_{{}, ValuesReader({})};
  ArithmeticCounts total_;
};

ScaleLayout read_scales(const Value& map) {
  map.allow_only({"sharing", "group", "block_columns", "block_rows"});
  ScaleLayout scales;
  scales.sharing = word_at<ScaleSharing>(map.at("sharing"), 5);
  scales.group = size_or(map, "group", 0);
  scales.block_columns = size_or(map, "block_columns", 0);
  scales.block_rows = size_or(map, "block_rows", 0, 0);
  return scales;
}

}  // namespace

WeightFormat read_weight_format(const Value& map) {
  map.allow_only({"kind", "bits", "planes", "scales", "scale_terms", "zero_points", "packed_trits",
                  "gamma", "zero_fraction", "mantissa_bits", "exponent_bits", "box"});
  WeightFormat format;
  format.kind = word_at<FormatKind>(map.at("kind"), 8);
  const auto bits = [&](const char* key) {
    const std::optional<Value> value = map.find(key);
    return value ? value->integer32(0, 64) : 0;
  };
  const auto flag = [&](const char* key) {
    const std::optional<Value> value = map.find(key);
    return value && value->boolean();
  };
  format.bits = bits("bits");
  format.planes = format.kind == FormatKind::kBinary && !map.find("planes") ? 1 : bits("planes");
  format.scale_terms = bits("scale_terms");
  format.mantissa_bits = bits("mantissa_bits");
  format.exponent_bits = bits("exponent_bits");
  format.box = size_or(map, "box", 0);
  format.zero_points = flag("zero_points");
  format.packed_trits = flag("packed_trits");
  format.gamma = flag("gamma");
  if (const std::optional<Value> zeros = map.find("zero_fraction"))
    format.zero_fraction = zeros->number(0.0, 1.0);
  if (const std::optional<Value> scales = map.find("scales")) format.scales = read_scales(*scales);
  try {
    check(format);
  } catch (const quantity::Impossible& error) {
    map.fail(error.diagnosis());
  }
  return format;
}

Trace read_trace(const Document& document) {
  const Value root = document.root();
  if (!root.is_map()) root.fail("a map: a trace");
  return TraceReader(root).read();
}

}  // namespace addax::input
