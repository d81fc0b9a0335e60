// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "models/arch/architecture.h"
#include "models/cost/cost_table.h"
#include "models/mapping/constraints.h"
#include "models/workload/model.h"
#include "models/workload/trace.h"

namespace addax::report {

using Json = nlohmann::ordered_json;

/// Effective configurations: every key with its value, defaults filled in, units in the keys.
/// Architectures, cost tables and traces read back as what they were written from; a cost table has
/// the rows of those it extends in it.
Json configuration_json(const arch::Architecture& architecture);
Json configuration_json(const cost::CostTable& table);
Json configuration_json(const workload::ModelShape& model);
/// Constraints on mappings: what is not asked is left out.
Json configuration_json(const mapping::Constraints& constraints);
Json configuration_json(const workload::WeightFormat& format);
/// A trace with all its operations.
Json configuration_json(const workload::Trace& trace);

/// A trace without its operations: name, model, widths, phases, notes.
Json summary_json(const workload::Trace& trace);
/// A cost table without its rows, with the names of those it extends.
Json summary_json(const cost::CostTable& table);

}  // namespace addax::report
