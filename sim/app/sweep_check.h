// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/app/sweep_point.h"

namespace addax::app {

/// Refuses a sweep of which no point can be read: a file that is not there, a key that exists nowhere, a value that no
/// option has. Of more than 1000 points as many are tried, spread over all. A point that cannot be read beside
/// others that can is left to its row. Throws input::ConfigError at the key's place in the sweep.
void check_keys(SweepPoints& reader, const sweep::Sweep& sweep, const sweep::Points& points);

/// Throws input::ConfigError at the place of the key that keeps a point from being read; returns where it can be
/// read.
void blame_key(SweepPoints& reader, const sweep::Sweep& sweep, const sweep::Point& point);

}  // namespace addax::app
