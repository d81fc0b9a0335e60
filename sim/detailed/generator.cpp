// SPDX-License-Identifier: Apache-2.0
#include "sim/detailed/generator.h"

#include "models/quantity/check.h"

namespace addax::detailed {

using mapping::kOutputs;
using mapping::kPlanes;
using mapping::kTokens;
using mapping::kUnits;

void Generator::step(std::uint64_t now, Ring& inputs, Units& units) {
  if (now < build_.end || tables_.size() >= copies_) return;
  const Wave* wave = waves_->at(wave_);
  while (wave != nullptr && (!wave->tiles[place_].works() || latest_ == wave->activations))
    wave = waves_->at(++wave_);
  if (wave == nullptr) return;
  const PeTile& tile = wave->tiles[place_];
  ADDAX_CHECK(tile.extent[kTokens] == 1 && tile.extent[kUnits] == 1, "a PE holds one table");
  const std::uint64_t unit = tile.begin[kUnits];
  const std::uint64_t words = products_->inputs_of(unit);
  if (!inputs.has(words - 1, now)) return;
  inputs.next_tile(words);
  inputs_read_ += words;
  if (products_->table_a_plane())
    for (const Operations::Some& one : products_->before_table().list())
      units.count(one.what, one.count * words);
  tables_.push_back({products_->table(tile.begin[kTokens], unit, tile.begin[kPlanes]),
                     wave->activations, now + build_cycles_});
  build_ = {wave->pass, now, now + build_cycles_};
  latest_ = wave->activations;
  ++built_;
  ++wave_;
}

}  // namespace addax::detailed
