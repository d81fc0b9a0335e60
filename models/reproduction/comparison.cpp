// SPDX-License-Identifier: Apache-2.0
#include "models/reproduction/comparison.h"

#include "models/quantity/check.h"

namespace addax::reproduction {

const char* name(Side side) {
  switch (side) {
    case Side::kDesign:
      return "design";
    case Side::kFp16:
      return "fp16";
    case Side::kSameBits:
      return "same_bits";
  }
  ADDAX_UNREACHABLE("side");
}

}  // namespace addax::reproduction
