// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/values/layer_values.h"
#include "models/workload/trace.h"
#include "sim/input/document.h"

namespace addax::input {

/// The values of a layer that has them, each file held against the layer. Throws ConfigError.
values::LayerValues read_layer_values(const workload::Linear& linear,
                                      const workload::Widths& widths);

/// The files of values of a trace: paths, by the names that the trace has for them.
std::map<std::string, std::string> value_files(const workload::Trace& trace);

/// Reads the map `values` of the layers of a trace (docs/formats/trace.md).
class ValuesReader {
 public:
  explicit ValuesReader(const workload::Widths& widths) : widths_(widths) {}
  /// Gives `linear` its values: files, which are read to their ends, and zeros where it is ternary.
  /// Throws ConfigError at the key that names a file at fault.
  void read(const Value& map, workload::Linear& linear);

 private:
  workload::Widths widths_;
  /// Layers before and after they were read: steps of a generation name the same files again.
  std::vector<std::pair<workload::Linear, workload::Linear>> known_;
};

}  // namespace addax::input
