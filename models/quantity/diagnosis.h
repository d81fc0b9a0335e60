// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace addax::quantity {

/// What models/ finds impossible in a configuration: the path of the key at fault (as in
/// "groups[1].datapath.units"), the value found, and what is allowed. sim/input adds file and line.
struct Diagnosis {
  std::string path;
  std::string value;
  std::string message;
};

/// Carries a Diagnosis out of models/.
class Impossible : public std::runtime_error {
 public:
  explicit Impossible(Diagnosis diagnosis)
      : std::runtime_error(diagnosis.path + ": " + diagnosis.message),
        diagnosis_(std::move(diagnosis)) {}
  const Diagnosis& diagnosis() const { return diagnosis_; }

 private:
  Diagnosis diagnosis_;
};

}  // namespace addax::quantity
