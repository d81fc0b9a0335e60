// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

namespace addax::engine {

/// A SystemC kernel of its own: elaborations in one process follow each other, each in a fresh
/// context. The context that the library starts with is kept, since it is used when the process
/// ends.
class Kernel {
 public:
  Kernel()
      : outer_(sc_core::sc_curr_simcontext), outer_default_(sc_core::sc_default_global_context) {
    sc_core::sc_get_curr_simcontext();
    outer_ = sc_core::sc_curr_simcontext;
    outer_default_ = sc_core::sc_default_global_context;
    own_ = new sc_core::sc_simcontext;
    sc_core::sc_curr_simcontext = sc_core::sc_default_global_context = own_;
  }
  ~Kernel() {
    delete own_;
    sc_core::sc_curr_simcontext = outer_;
    sc_core::sc_default_global_context = outer_default_;
  }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

 private:
  sc_core::sc_simcontext* own_ = nullptr;
  sc_core::sc_simcontext* outer_;
  sc_core::sc_simcontext* outer_default_;
};

}  // namespace addax::engine
