// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/published/account.h"
#include "models/quantity/diagnosis.h"
#include "models/quantity/quantity.h"

namespace addax::app {

/// A model whose published accounting is asked for.
struct PublishedModel {
  published::Shape shape;
  std::string path;  ///< of its config.json; empty for a shape that a paper's figures have frozen
};

/// Turns what the accounting of `model` found impossible into the user's input::ConfigError, at the
/// key of its config.json or of `source`, the file of the frozen shapes.
[[noreturn]] void blame(const quantity::Impossible& error, const PublishedModel& model,
                        const std::string& source);
[[noreturn]] void blame_overflow(const PublishedModel& model, const std::string& source);

/// What `work` returns, its exceptions blamed on the model.
template <class Work>
auto blaming(const PublishedModel& model, const std::string& source, const Work& work) {
  try {
    return work();
  } catch (const quantity::Impossible& error) {
    blame(error, model, source);
  } catch (const quantity::CountOverflow&) {
    blame_overflow(model, source);
  }
}

}  // namespace addax::app
