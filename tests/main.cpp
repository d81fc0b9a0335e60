// SPDX-License-Identifier: Apache-2.0
#ifdef ADDAX_CATCH3
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }

// The SystemC library asks for it; every run elaborates in a context of its own instead.
extern "C" int sc_main(int, char**) { return 0; }
