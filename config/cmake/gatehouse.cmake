# SPDX-License-Identifier: Apache-2.0
# Rooms, drivers and programs by convention: a folder with a one-line CMakeLists.txt is enough.
#
#   gatehouse_room(NAME [ROOMS room...] [PKG pkg-config-name...] [OPENCV module...] [LINK lib...])
#     in src/NAME/CMakeLists.txt: static library room_NAME of every .c and .cpp below the folder but
#     main.c and heap.c, which belong to the program alone. ROOMS are visible to those who use the room, PKG, OPENCV and LINK only to itself.
#
#   gatehouse_driver(CLASS NAME [PKG ...] [LINK ...])
#     in drivers/CLASS/NAME/CMakeLists.txt: static library driver_CLASS_NAME on room_device, entered
#     in the driver table. The folder defines `const struct gh_driver gh_driver_CLASS_NAME`.
#
# What a room includes is judged by tests/lint (layering), from the same lists.

set(GATEHOUSE_DRIVERS "all" CACHE STRING
	"\"all\", or the drivers to build: camera/replay;gate/virtual")

find_package(PkgConfig REQUIRED)
define_property(GLOBAL PROPERTY GATEHOUSE_ROOMS BRIEF_DOCS "Names of all rooms")
define_property(GLOBAL PROPERTY GATEHOUSE_TABLE BRIEF_DOCS "CLASS/NAME of all drivers built")
set_property(GLOBAL PROPERTY GATEHOUSE_ROOMS "")
set_property(GLOBAL PROPERTY GATEHOUSE_TABLE "")

# Link `target` with libraries that pkg-config knows; their headers count as the system's.
function(gatehouse_link_packages target)
	foreach(package IN LISTS ARGN)
		string(MAKE_C_IDENTIFIER "PKG_${package}" prefix)
		pkg_check_modules(${prefix} QUIET IMPORTED_TARGET GLOBAL ${package})
		if(NOT TARGET PkgConfig::${prefix})
			message(FATAL_ERROR "${target} needs ${package}, which pkg-config does not find. "
				"\"sh config/demo\" and \"sh config/test\" install the packages needed.")
		endif()
		target_link_libraries(${target} PRIVATE PkgConfig::${prefix})
	endforeach()
endfunction()

# OpenCV's own CMake file and its pkg-config file bring every module, so each is looked up alone.
function(gatehouse_link_opencv target)
	find_path(GATEHOUSE_OPENCV_INCLUDE opencv2/core.hpp PATH_SUFFIXES opencv4)
	if(NOT GATEHOUSE_OPENCV_INCLUDE)
		message(FATAL_ERROR "${target} needs the headers of OpenCV 4")
	endif()
	target_include_directories(${target} SYSTEM PRIVATE ${GATEHOUSE_OPENCV_INCLUDE})
	foreach(module IN LISTS ARGN)
		find_library(GATEHOUSE_OPENCV_${module} opencv_${module})
		if(NOT GATEHOUSE_OPENCV_${module})
			message(FATAL_ERROR "${target} needs libopencv_${module}")
		endif()
		target_link_libraries(${target} PRIVATE ${GATEHOUSE_OPENCV_${module}})
	endforeach()
endfunction()

# A library of all sources below the current folder but main.c; header-only folders have none.
function(gatehouse_add_library target)
	file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.c *.cpp)
	list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/main.c ${CMAKE_CURRENT_SOURCE_DIR}/heap.c)
	if(sources)
		add_library(${target} STATIC ${sources})
		target_link_libraries(${target} PRIVATE gatehouse_flags)
		target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
	else()
		file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/empty.c "extern int gatehouse_empty;\n")
		add_library(${target} STATIC ${CMAKE_CURRENT_BINARY_DIR}/empty.c)
	endif()
	set_target_properties(${target} PROPERTIES GATEHOUSE_FOLDER ${CMAKE_CURRENT_SOURCE_DIR})
endfunction()

function(gatehouse_room name)
	cmake_parse_arguments(PARSE_ARGV 1 room "" "" "ROOMS;PKG;OPENCV;LINK")
	if(room_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "gatehouse_room(${name}): what is ${room_UNPARSED_ARGUMENTS}?")
	endif()
	cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
	if(NOT folder STREQUAL name)
		message(FATAL_ERROR "gatehouse_room(${name}) stands in src/${folder}")
	endif()

	gatehouse_add_library(room_${name})
	gatehouse_link_packages(room_${name} ${room_PKG})
	if(room_OPENCV)
		gatehouse_link_opencv(room_${name} ${room_OPENCV})
	endif()
	target_link_libraries(room_${name} PRIVATE ${room_LINK})
	set_target_properties(room_${name} PROPERTIES GATEHOUSE_NEEDS "${room_ROOMS}")
	set_property(GLOBAL APPEND PROPERTY GATEHOUSE_ROOMS ${name})
endfunction()

function(gatehouse_driver class name)
	if(NOT GATEHOUSE_DRIVERS STREQUAL "all" AND NOT "${class}/${name}" IN_LIST GATEHOUSE_DRIVERS)
		message(STATUS "Driver ${class}/${name} is left out by GATEHOUSE_DRIVERS")
		return()
	endif()
	cmake_parse_arguments(PARSE_ARGV 2 driver "" "" "PKG;LINK")
	if(driver_UNPARSED_ARGUMENTS)
		message(FATAL_ERROR "gatehouse_driver(${class} ${name}): what is ${driver_UNPARSED_ARGUMENTS}?")
	endif()
	if(NOT CMAKE_CURRENT_SOURCE_DIR STREQUAL "${PROJECT_SOURCE_DIR}/drivers/${class}/${name}")
		message(FATAL_ERROR "gatehouse_driver(${class} ${name}) stands in ${CMAKE_CURRENT_SOURCE_DIR}")
	endif()

	gatehouse_add_library(driver_${class}_${name})
	gatehouse_link_packages(driver_${class}_${name} ${driver_PKG})
	target_link_libraries(driver_${class}_${name} PRIVATE ${driver_LINK} PUBLIC room_device room_base)
	set_property(GLOBAL APPEND PROPERTY GATEHOUSE_TABLE ${class}/${name})
endfunction()

# Write the driver table from the drivers built. room_device reads the table, the table names the
# drivers, and they use room_device: a circle that CMake resolves by naming the archives twice. A
# test that defines a table of its own keeps this one out.
function(gatehouse_driver_table)
	get_property(table GLOBAL PROPERTY GATEHOUSE_TABLE)
	if(NOT GATEHOUSE_DRIVERS STREQUAL "all")
		foreach(driver IN LISTS GATEHOUSE_DRIVERS)
			if(NOT driver IN_LIST table)
				message(FATAL_ERROR "GATEHOUSE_DRIVERS names ${driver}, which is not in drivers/")
			endif()
		endforeach()
	endif()
	if(NOT TARGET room_device)
		message(WARNING "There is no src/device/CMakeLists.txt: no driver table is made")
		return()
	endif()

	set(declarations "")
	set(entries "")
	set(targets "")
	list(LENGTH table length)
	foreach(driver IN LISTS table)
		string(REPLACE "/" "_" name ${driver})
		string(APPEND declarations "extern const struct gh_driver gh_driver_${name};\n")
		string(APPEND entries "\t&gh_driver_${name},\n")
		list(APPEND targets driver_${name})
	endforeach()
	if(length EQUAL 0)
		set(entries "\tNULL,\n")
	endif()
	file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/driver_table.c @ONLY CONTENT
[[/* SPDX-License-Identifier: Apache-2.0 */
/* The drivers of this build, written by config/cmake/gatehouse.cmake. */
#include <stddef.h>

#include "gatehouse/device/driver.h"

@declarations@
const struct gh_driver *const gh_driver_table[] = {
@entries@};

const size_t gh_driver_table_length = @length@;
]])
	add_library(driver_table STATIC ${CMAKE_BINARY_DIR}/generated/driver_table.c)
	target_link_libraries(driver_table PRIVATE gatehouse_flags PUBLIC ${targets} room_device)
	target_link_libraries(room_device INTERFACE driver_table)
endfunction()

# Join the rooms to the rooms they need, once all are known.
function(gatehouse_check_rooms)
	get_property(rooms GLOBAL PROPERTY GATEHOUSE_ROOMS)
	foreach(room IN LISTS rooms)
		get_target_property(needs room_${room} GATEHOUSE_NEEDS)
		foreach(need IN LISTS needs)
			if(need IN_LIST rooms)
				target_link_libraries(room_${room} PUBLIC room_${need})
			else()
				message(FATAL_ERROR "Room ${room} needs room ${need}, but there is no "
					"src/${need}/CMakeLists.txt")
			endif()
		endforeach()
	endforeach()
endfunction()

# A program where a room has a main.c.
function(gatehouse_programs)
	if(GATEHOUSE_FLAVOUR STREQUAL "fuzz")
		return()
	endif()
	set(program_daemon gatehoused)
	set(program_command gatehouse)
	set(program_central gatehouse-central)
	foreach(room daemon command central)
		set(main ${PROJECT_SOURCE_DIR}/src/${room}/main.c)
		if(NOT EXISTS ${main} OR NOT TARGET room_${room})
			continue()
		endif()
		add_executable(${program_${room}} ${main})
		# From an archive no library would see the program's allocator.
		if(EXISTS ${PROJECT_SOURCE_DIR}/src/${room}/heap.c)
			target_sources(${program_${room}} PRIVATE ${PROJECT_SOURCE_DIR}/src/${room}/heap.c)
		endif()
		target_include_directories(${program_${room}} PRIVATE ${PROJECT_SOURCE_DIR}/src/${room})
		target_link_libraries(${program_${room}} PRIVATE gatehouse_flags room_${room})
		install(TARGETS ${program_${room}})
	endforeach()
endfunction()
