# SPDX-License-Identifier: Apache-2.0
# Compiler options of every target of the project.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
                    -ffp-contract=off)
if(ADDAX_WARNINGS_AS_ERRORS)
  add_compile_options(-Werror)
endif()
if(ADDAX_SANITIZE)
  add_compile_options(-fsanitize=${ADDAX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ADDAX_SANITIZE})
endif()
if(ADDAX_COVERAGE)
  add_compile_options(--coverage -O0)
  add_link_options(--coverage)
endif()
find_program(ADDAX_CCACHE ccache)
if(ADDAX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are only cached when ccache is told to trust their macros and times.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${ADDAX_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
