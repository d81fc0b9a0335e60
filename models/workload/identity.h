// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/quantity/bytes.h"
#include "models/workload/operation.h"

namespace addax::workload {

/// All that work asks of hardware: equal bytes, equal layers, but for what they are for.
void write(quantity::Bytes& bytes, const Work& work);
void write(quantity::Bytes& bytes, const WeightFormat& format);
void write(quantity::Bytes& bytes, const Widths& widths);

}  // namespace addax::workload
