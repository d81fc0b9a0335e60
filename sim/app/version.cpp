// SPDX-License-Identifier: Apache-2.0
#include "sim/app/version.h"

namespace addax::app {

const char* version() { return ADDAX_VERSION; }
const char* commit() { return ADDAX_COMMIT; }

}  // namespace addax::app
