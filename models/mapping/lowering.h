// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/mapping/plan.h"
#include "models/mapping/prices.h"
#include "models/search/space.h"

namespace addax::mapping {

/// Levels of the nest that an Eyeriss-like design is for a product. The two parts of the buffer are
/// levels of their own: what is resident is held while what streams passes through.
enum LoweredLevel : std::size_t { kDramLevel, kResidentLevel, kStreamLevel, kPeLevel, kUnitLevel };
/// Tensors of the lowered problem; scales are there where the format has them.
enum LoweredTensor : std::size_t {
  kLoweredInputs,
  kLoweredWeights,
  kLoweredOutputs,
  kLoweredScales,
  kHeldScales  ///< of rows that a tile of the streaming part ends in; takes room and moves nothing
};

/// A product y = W x of M tokens, N outputs, K inputs, in `copies` matrices with inputs of their own.
struct Product {
  std::uint64_t copies = 1, tokens = 1, outputs = 1, inputs = 1;
};

/// One way in which a design may run a product: where activations lie, whether sums stay in the PEs,
/// how the banks are shared, how the format is computed. Its space holds all mappings of that way.
struct Lowering {
  search::Space space;
  Kernel kernel;    ///< with the realisation of this way
  Product product;  ///< blocks of rows that are computed by themselves are copies
  BufferShare share;
  bool activation_streams = false;
  bool keeps_sums = false;
  bool whole_blocks = false;  ///< resident tiles end where scales do
  std::uint64_t unit = 1;     ///< inputs in a step of the space's dimension k
};

/// What a design offers a layer.
struct LayerContext {
  const arch::Architecture& architecture;
  std::size_t group = 0;
  Placement placement;
  Prices prices;
};

/// Whether sums may go to DRAM before they are complete, and come back.
enum class Spills { kNever, kAllowed };

/// All ways in which a group may run one copy of a product. `kernel.how` says whether a table is used;
/// scale placement and integer mode are tried as the format allows.
std::vector<Lowering> lower(const LayerContext& context, const Product& product,
                            const Kernel& kernel, const std::vector<BufferShare>& shares,
                            Spills spills);

/// The plan that a mapping of a lowering's space stands for. Throws Impossible (path "size") where the
/// layer would take more than kMostPasses passes.
ProductPlan realise(const LayerContext& context, const Lowering& lowering,
                    const nest::Mapping& mapping);

/// The array's part of a product whose operands lie in the buffer: passes of these extents, for
/// attention. Rates and energies of networks and scratchpads only.
Lowering lower_pass(const LayerContext& context, const Product& pass, const Kernel& kernel,
                    bool keeps_sums);
ArrayMapping array_mapping(const Lowering& lowering, const nest::Mapping& mapping);

}  // namespace addax::mapping
