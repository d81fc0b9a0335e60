// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "models/mapping/dataflow.h"

namespace addax::mapping {

using arith::Arithmetic;
using workload::FormatKind;

double peak_macs_a_cycle(const arch::Datapath& datapath, const workload::WeightFormat& format,
                         const workload::Widths& widths) {
  const auto rate = [&datapath](Arithmetic arithmetic) {
    const arch::Datapath::Rate units = datapath.rate(arithmetic);
    return static_cast<double>(units.operations) / static_cast<double>(units.cycles);
  };
  const double sums = rate(workload::accumulate(widths));
  switch (format.kind) {
    case FormatKind::kFp16:
    case FormatKind::kInt:
      return std::min(rate(Arithmetic::kFp16Multiply), rate(workload::accumulate_products(widths)));
    case FormatKind::kW8a8:
      return std::min(rate(Arithmetic::kInt8Multiply), rate(Arithmetic::kInt32Add));
    case FormatKind::kMsfp:
      return std::min(rate(Arithmetic::kInt8Multiply), rate(Arithmetic::kInt16Add));
    case FormatKind::kTernary:
      return sums;
    case FormatKind::kBcq:
    case FormatKind::kShiftAdd:
    case FormatKind::kBinary:
      break;
  }
  if (!datapath.lut) return sums / format.planes;
  return std::min<double>(datapath.lut->readers, sums) * datapath.lut->key_bits / format.planes;
}

}  // namespace addax::mapping
