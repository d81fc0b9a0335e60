# SPDX-License-Identifier: Apache-2.0
# The commit that a result carries. "unknown" outside a git checkout.
set(ADDAX_COMMIT "unknown")
find_package(Git QUIET)
if(Git_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} describe --always --dirty --abbrev=12
                  OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
  if(status EQUAL 0)
    set(ADDAX_COMMIT ${described})
  endif()
  if(EXISTS ${PROJECT_SOURCE_DIR}/.git/HEAD)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/.git/HEAD
                 ${PROJECT_SOURCE_DIR}/.git/index)
  endif()
endif()
