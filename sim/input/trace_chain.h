// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/workload/trace.h"
#include "sim/input/document.h"

namespace addax::input {

/// Follows the tensors of one phase from the operations that write them to those that read them,
/// and refuses what does not fit together: docs/formats/trace.md states the rules.
class TensorChain {
 public:
  /// `place` is the operation in its file. Throws ConfigError.
  void follow(const Value& place, const workload::Operation& operation);

 private:
  struct Tensor {
    std::uint64_t elements = 0;
    bool read = false;  ///< since it was written: what is written next replaces it
    std::string writer;
  };
  /// A tensor that nothing wrote before. Whoever reads rows of it must see rows of one width.
  struct Input {
    std::uint64_t row_elements = 0;
    std::string reader;
  };

  void read(const Value& place, const workload::Operation& operation, std::size_t index);
  void read_input(const Value& tensor, const workload::Operation& operation);
  void write(const workload::Operation& operation);

  std::map<std::string, Tensor> written_;
  std::map<std::string, Input> inputs_;
};

}  // namespace addax::input
