// SPDX-License-Identifier: Apache-2.0
#pragma once

#ifdef ADDAX_CATCH3
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
