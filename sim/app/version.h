// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace addax::app {

const char* version();  ///< "0.1.0"
const char* commit();   ///< as git describes it; "unknown" outside a checkout

}  // namespace addax::app
