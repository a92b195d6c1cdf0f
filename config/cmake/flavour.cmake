# SPDX-License-Identifier: Apache-2.0
# The flavour of a build; read before project() because one flavour needs another compiler.
#
#   release   what is shipped: optimised, hardened
#   address   AddressSanitizer and UndefinedBehaviorSanitizer
#   thread    ThreadSanitizer
#   fuzz      clang with libFuzzer, AddressSanitizer and coverage: rooms and fuzz targets only

set(GATEHOUSE_FLAVOUR "release" CACHE STRING "release, address, thread or fuzz")
set(flavours release address thread fuzz)
set_property(CACHE GATEHOUSE_FLAVOUR PROPERTY STRINGS ${flavours})
if(NOT GATEHOUSE_FLAVOUR IN_LIST flavours)
	message(FATAL_ERROR "GATEHOUSE_FLAVOUR is '${GATEHOUSE_FLAVOUR}': one of ${flavours}")
endif()

if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
if(GATEHOUSE_FLAVOUR STREQUAL "fuzz" AND NOT CMAKE_C_COMPILER AND NOT DEFINED ENV{CC})
	set(CMAKE_C_COMPILER clang)
	set(CMAKE_CXX_COMPILER clang++)
endif()
