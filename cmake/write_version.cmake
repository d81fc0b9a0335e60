# SPDX-License-Identifier: Apache-2.0
# cmake -D FOLDER= -D SOURCES= -D VERSION= -D GIT= -D TEMPLATE= -D OUTPUT= -P write_version.cmake
#
# Writes OUTPUT from TEMPLATE, unless it says the same already. SOURCES lists the files below FOLDER that are hashed,
# a name a line; GIT is the command, or empty outside a checkout.
file(STRINGS ${SOURCES} names)
set(hashes "")
foreach(name IN LISTS names)
  file(SHA256 ${FOLDER}/${name} hash)
  string(APPEND hashes "${hash}  ${name}\n")
endforeach()
string(SHA256 ADDAX_SOURCES "${hashes}")

set(ADDAX_VERSION ${VERSION})
set(ADDAX_COMMIT "unknown")
if(GIT)
  execute_process(COMMAND ${GIT} -C ${FOLDER} describe --always --dirty --abbrev=12
                  OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
  if(status EQUAL 0)
    set(ADDAX_COMMIT ${described})
  endif()
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
