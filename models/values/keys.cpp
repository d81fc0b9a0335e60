// SPDX-License-Identifier: Apache-2.0
#include "models/values/keys.h"

#include <algorithm>
#include <string>

#include "models/arith/lut.h"
#include "models/quantity/check.h"
#include "models/quantity/quantity.h"

namespace addax::values {

using quantise::QuantisedMatrix;

Keys::Keys(const QuantisedMatrix& matrix, std::uint32_t key_bits)
    : key_bits_(key_bits),
      planes_(matrix.format.planes),
      a_row_(quantity::ceil_div(matrix.inputs, key_bits)),
      keys_(matrix.outputs * matrix.format.planes * a_row_) {
  ADDAX_CHECK(is_binary_coded(matrix.format), describe(matrix.format));
  for (std::uint64_t output = 0; output < matrix.outputs; ++output) {
    const std::uint16_t* codes = matrix.codes.data() + output * matrix.inputs;
    std::uint16_t* first = keys_.data() + output * planes_ * a_row_;
    for (std::uint64_t at = 0; at < a_row_; ++at) {
      const std::uint64_t begin = at * key_bits;
      const std::uint64_t inputs = std::min<std::uint64_t>(key_bits, matrix.inputs - begin);
      for (std::uint32_t plane = 0; plane < planes_; ++plane) {
        unsigned key = 0;
        for (std::uint64_t i = 0; i < inputs; ++i) key |= ((codes[begin + i] >> plane) & 1U) << i;
        first[plane * a_row_ + at] = static_cast<std::uint16_t>(key);
      }
    }
  }
}

namespace {

/// Entries that the readers of a set of tables ask for. Sets follow each other: an entry is marked with
/// the set that asked for it last.
class Asked {
 public:
  Asked(const Keys& keys, bool half_table)
      : keys_(keys),
        entries_(arith::lut_entries(keys.key_bits(), half_table)),
        complement_((1U << keys.key_bits()) - 1U),
        last_(keys.a_row() * entries_) {}

  void next_set() { ++set_; }
  /// How many entries this output asks for in this plane that nobody asked for before in the set.
  std::uint64_t ask(std::uint64_t output, std::uint32_t plane) {
    std::uint64_t fresh = 0;
    std::uint32_t* table = last_.data();
    for (const std::uint32_t key : keys_.of(output, plane)) {
      std::uint32_t& last = table[key < entries_ ? key : key ^ complement_];
      fresh += last != set_ ? 1 : 0;
      last = set_;
      table += entries_;
    }
    return fresh;
  }
  std::uint64_t entries_a_set() const { return last_.size(); }

 private:
  const Keys& keys_;
  std::uint64_t entries_;
  std::uint32_t complement_;
  std::vector<std::uint32_t> last_;
  std::uint32_t set_ = 0;
};

}  // namespace

Readers readers_of(const workload::WeightFormat& format, std::uint64_t outputs,
                   std::uint64_t inputs, const Execution& execution) {
  if (execution.how.scale_placement == workload::ScalePlacement::kAfterQuery)
    return {outputs, format.planes};
  return {quantise::ScaleIndex(format, outputs, inputs).tile_rows(), 1};
}

workload::KeyCounts count_keys(const QuantisedMatrix& matrix, const Keys& keys,
                               const Readers& readers, bool half_table) {
  Asked asked(keys, half_table);
  workload::KeyCounts counts;
  std::uint64_t distinct = 0;
  for (std::uint64_t first = 0; first < matrix.outputs; first += readers.outputs)
    for (std::uint32_t plane = 0; plane < matrix.format.planes; plane += readers.planes) {
      asked.next_set();
      const std::uint64_t end = std::min(first + readers.outputs, matrix.outputs);
      for (std::uint64_t output = first; output < end; ++output)
        for (std::uint32_t p = plane; p < plane + readers.planes; ++p)
          distinct += asked.ask(output, p);
      counts.queries += (end - first) * readers.planes * keys.a_row();
      counts.entries += asked.entries_a_set();
    }
  counts.repeated = counts.queries - distinct;
  counts.unused = counts.entries - distinct;
  return counts;
}

}  // namespace addax::values
