// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace addax::quantity {

/// A defect of Addax itself: an invariant that no input may break. Exit status 3.
class Defect : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace addax::quantity

/// Checks an invariant, in every build. On failure throws Defect with place and text.
#define ADDAX_CHECK(condition, text)                                                         \
  do {                                                                                       \
    if (!(condition))                                                                        \
      throw ::addax::quantity::Defect(std::string(__FILE__ ":") + std::to_string(__LINE__) + \
                                      ": " #condition ": " + (text));                        \
  } while (false)

/// A place that no input may reach. Throws Defect.
#define ADDAX_UNREACHABLE(text)                                                                 \
  throw ::addax::quantity::Defect(std::string(__FILE__ ":") + std::to_string(__LINE__) + ": " + \
                                  (text))
