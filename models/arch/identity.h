// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/arch/architecture.h"
#include "models/quantity/bytes.h"

namespace addax::arch {

/// Everything in a description, but for what it is called: equal bytes, equal designs.
void write(quantity::Bytes& bytes, const Architecture& architecture);

/// The design as a layer sees it that runs on one column group, or on none: other groups are empty, and nothing
/// has a name.
Architecture seen_from(const Architecture& architecture, std::optional<std::size_t> group);

}  // namespace addax::arch
