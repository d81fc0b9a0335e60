// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/arith/exponent_add.h"
#include "models/values/count.h"
#include "models/values/keys.h"

namespace addax::values {

/// Exponent additions of the scales of binary-coded weights, and those that lose something: a finite
/// number that is not zero, and not what it is times 2^e exactly afterwards.
class TermCounter {
 public:
  void scale(arith::Fp16 a, arith::Span<arith::PowerOfTwo> terms);
  const workload::TermCounts& counts() const { return counts_; }

 private:
  workload::TermCounts counts_;
};

/// Those of one matrix and its inputs x, tokens x inputs. The weights have scales of powers of two.
workload::TermCounts count_terms(const quantise::QuantisedMatrix& matrix,
                                 arith::Span<arith::Fp16> x, const Execution& execution);

}  // namespace addax::values
