// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "models/action/action.h"

namespace addax::tests {

/// Actions that depend on how long a layer takes, not on what it does.
inline bool depends_on_time(const action::Action& a) {
  return a.verb == action::Verb::kPowered || a.verb == action::Verb::kHold ||
         a.verb == action::Verb::kClocked;
}

inline action::ActionCounts timeless(const action::ActionCounts& counts) {
  action::ActionCounts kept;
  for (const auto& [action, count] : counts.all())
    if (!depends_on_time(action)) kept.add(action, count);
  return kept;
}

inline std::string differences(const action::ActionCounts& a, const action::ActionCounts& b) {
  std::string text;
  for (const auto* counts : {&a, &b})
    for (const auto& [action, count] : counts->all())
      if (a.of(action) != b.of(action))
        text += name(action) + " " + std::to_string(a.of(action)) +
                " != " + std::to_string(b.of(action)) + "; ";
  return text;
}

}  // namespace addax::tests
