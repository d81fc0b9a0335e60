// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "models/search/space.h"

namespace addax::tests {

/// A small problem (product, convolution, batched heads) on two to four levels with drawn storage,
/// fan-out, networks, bandwidths, costs and, in some cases, rules; where `idles`, in some cases with
/// waits and resources that overlap imperfectly, which no early bound sees: proofs take long then.
search::Space random_space(std::mt19937& random, bool idles);

}  // namespace addax::tests
