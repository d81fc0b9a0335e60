// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "models/cost/cost.h"
#include "models/result/result.h"

namespace addax::report {

/// Look-up tables in a run: energy of building, reading and holding them, and how long each layer
/// keeps its own. Empty where the design queries none.
std::string tables_text(const result::DesignResult& design);
/// Silicon of the tables, part by part: of one PE and of all. Empty where there are none.
std::string table_silicon_text(const cost::AreaReport& area);

/// Joules by what the tables do.
nlohmann::ordered_json table_energy_json(const cost::TableEnergy& energy);
/// Of a layer with tables.
nlohmann::ordered_json retention_json(const result::Retention& retention,
                                      const cost::TableEnergy& energy);

}  // namespace addax::report
