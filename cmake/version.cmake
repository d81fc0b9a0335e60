# SPDX-License-Identifier: Apache-2.0
# What a result says of the Addax that made it. version.cpp is written at build time, where sources or commit have
# changed, and compiled where that changes it.
set(version_folder ${PROJECT_BINARY_DIR}/version)
set(version_script ${PROJECT_SOURCE_DIR}/cmake/write_version.cmake)
set(version_template ${PROJECT_SOURCE_DIR}/cmake/version.cpp.in)
set(version_source ${version_folder}/version.cpp)
set(version_stamp ${version_folder}/written)

file(GLOB_RECURSE hashed_sources RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/models/*.cpp ${PROJECT_SOURCE_DIR}/models/*.h
     ${PROJECT_SOURCE_DIR}/sim/*.cpp ${PROJECT_SOURCE_DIR}/sim/*.h)
list(SORT hashed_sources COMPARE STRING)
# A file of its own: a source that has gone leaves no time that would tell.
list(JOIN hashed_sources "\n" names)
file(CONFIGURE OUTPUT ${version_folder}/sources CONTENT "${names}\n" @ONLY)
list(TRANSFORM hashed_sources PREPEND ${PROJECT_SOURCE_DIR}/)

# Nothing but this checkout: sources in a folder of another project have no commit. Each commit, checkout and reset
# adds to the log of HEAD.
set(version_git "")
set(version_log "")
find_package(Git QUIET)
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} rev-parse --show-cdup --git-path logs/HEAD
                  OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
  if(status EQUAL 0 AND found MATCHES "^\n(.+)$")
    set(version_git ${GIT_EXECUTABLE})
    get_filename_component(version_log ${CMAKE_MATCH_1} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
    if(NOT EXISTS ${version_log})
      set(version_log "")
    endif()
  endif()
endif()

add_custom_command(
  OUTPUT ${version_stamp}
  BYPRODUCTS ${version_source}
  COMMAND ${CMAKE_COMMAND} -D FOLDER=${PROJECT_SOURCE_DIR} -D SOURCES=${version_folder}/sources
          -D VERSION=${PROJECT_VERSION} -D GIT=${version_git} -D TEMPLATE=${version_template}
          -D OUTPUT=${version_source} -P ${version_script}
  COMMAND ${CMAKE_COMMAND} -E touch ${version_stamp}
  DEPENDS ${hashed_sources} ${version_folder}/sources ${version_script} ${version_template} ${version_log}
  COMMENT "Describing the sources" VERBATIM)
