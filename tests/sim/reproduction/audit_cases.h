// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/reproduction/audit.h"
#include "sim/engine/engine.h"
#include "sim/input/architecture_reader.h"
#include "sim/input/cost_reader.h"
#include "sim/input/model_reader.h"
#include "sim/input/published_reader.h"
#include "sim/input/trace_request.h"

// Audits of whole models on the shipped architectures, at 3 bits and the default context.
namespace addax::tests::audit {

using reproduction::Assumption;
using reproduction::DesignCost;

struct Case {
  published::Scheme scheme;
  std::string architecture, weights;
};
inline const Case kFp16{{published::Method::kFp16, 16}, "eyeriss_fp16", "fp16"};
inline const Case kOptq{{published::Method::kOptq, 3}, "eyeriss_int", "int-3bit"};
inline const Case kShiftAdd{{published::Method::kShiftAdd, 3}, "eyeriss_shiftadd", "shiftadd-3bit"};

/// The paper's shape of a model, or the model's own where the paper has none.
inline published::Shape shape(const std::string& model) {
  const auto shapes = input::read_published("shiftaddllm").shapes;
  const auto frozen = shapes.find(model);
  return frozen != shapes.end() ? frozen->second : published::shape_of(input::resolve_model(model));
}

/// A design with what its simulation found.
struct Simulated {
  Simulated(const std::string& model, const Case& design)
      : architecture(input::read_architecture(design.architecture)),
        trace(input::resolve_trace(model + ".decode." + design.weights)),
        table(input::read_complete_cost_table("physical-45nm")),
        activity(run()) {}
  reproduction::SimulatedDesign design() const { return {architecture, trace, activity, table}; }

  arch::Architecture architecture;
  workload::Trace trace;
  cost::CostTable table;
  result::Activity activity;

 private:
  // Mapped by the prices that it is held to.
  result::Activity run() const {
    engine::Options options;
    options.costs = &table;
    return engine::run(architecture, trace, options);
  }
};

struct Audited {
  Audited(const std::string& model, const Case& design)
      : simulated(model, design),
        costs(reproduction::audit(shape(model), design.scheme, simulated.design())) {}
  const DesignCost& after(Assumption assumption) const {
    return costs.at(static_cast<std::size_t>(assumption));
  }

  Simulated simulated;
  std::vector<DesignCost> costs;
};

}  // namespace addax::tests::audit
