// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace addax::app {

const char* version();  ///< "0.1.0"
const char* commit();   ///< as git describes it; "unknown" outside a checkout
/// Of what `sha256sum` prints of all .cpp and .h files of models and sim, in order of their names: the same
/// sources have the same on every machine.
const char* sources_sha256();

}  // namespace addax::app
