# SPDX-License-Identifier: Apache-2.0
# How a file below tests/ becomes a ctest test; see docs/testing.md.
#
# For tests/unit/ROOM/CMakeLists.txt and tests/fault/ROOM/CMakeLists.txt, which are read after the
# room's tests exist, KIND being unit, fault, golden, fuzz or bench:
#
#   gatehouse_test_link(KIND ROOM NOUN [library...] [PKG pkg-config-name...])
#   gatehouse_test_wrap(KIND ROOM NOUN symbol...)      calls of symbol go to __wrap_symbol
#   gatehouse_test_sources(KIND ROOM NOUN file...)     more sources, relative to the list file

set(GATEHOUSE_WRAPPED malloc calloc realloc strdup strndup posix_memalign aligned_alloc
	open openat fopen read pread write pwrite fsync fdatasync ftruncate rename unlink
	pthread_create)

# The folder where models, pictures and the engine are kept; the variable of the environment wins.
set(GATEHOUSE_CACHE "$ENV{GATEHOUSE_CACHE}")
if(GATEHOUSE_CACHE STREQUAL "")
	if(DEFINED ENV{XDG_CACHE_HOME})
		set(GATEHOUSE_CACHE "$ENV{XDG_CACHE_HOME}/gatehouse")
	else()
		set(GATEHOUSE_CACHE "$ENV{HOME}/.cache/gatehouse")
	endif()
endif()

# What a file of this name belongs to: camera_replay_avi to driver_camera_replay, base_json to
# room_base, and a name that begins with neither to everything.
function(gatehouse_owner stem out)
	set(prefix ${stem})
	while(TRUE)
		foreach(kind driver room)
			if(TARGET ${kind}_${prefix})
				set(${out} ${kind}_${prefix} PARENT_SCOPE)
				return()
			endif()
		endforeach()
		if(NOT prefix MATCHES "^(.+)_[^_]*$")
			break()
		endif()
		set(prefix ${CMAKE_MATCH_1})
	endwhile()
	set(${out} "" PARENT_SCOPE)
endfunction()

# Link a test with the room or driver it belongs to and let it see the private headers there.
function(gatehouse_link_owner target owner)
	if(owner STREQUAL "")
		get_property(rooms GLOBAL PROPERTY GATEHOUSE_ROOMS)
		list(TRANSFORM rooms PREPEND room_)
		target_link_libraries(${target} PRIVATE ${rooms})
		return()
	endif()
	if(TARGET support_${owner})
		target_link_libraries(${target} PRIVATE support_${owner})
	endif()
	target_link_libraries(${target} PRIVATE ${owner})
	get_target_property(folder ${owner} GATEHOUSE_FOLDER)
	target_include_directories(${target} PRIVATE ${folder})
endfunction()

# An executable of one test source, kept out of bin/.
function(gatehouse_test_program target source owner)
	add_executable(${target} ${source})
	set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/test)
	target_link_libraries(${target} PRIVATE gatehouse_test_flags)
	if(TARGET test_support)
		target_link_libraries(${target} PRIVATE test_support)
	endif()
	gatehouse_link_owner(${target} "${owner}")
endfunction()

# Turn every test of a cmocka program that skipped all it had into "skipped" (tests/skip.c).
function(gatehouse_link_cmocka target)
	target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/skip.c)
	target_link_options(${target} PRIVATE
		-Wl,--wrap=main -Wl,--wrap=_skip -Wl,--wrap=_cmocka_run_group_tests)
	gatehouse_link_packages(${target} cmocka)
endfunction()

function(gatehouse_link_inject target)
	target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fault/inject.c)
	target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fault)
	list(TRANSFORM GATEHOUSE_WRAPPED PREPEND -Wl,--wrap= OUTPUT_VARIABLE options)
	target_link_options(${target} PRIVATE ${options})
endfunction()

set(GATEHOUSE_TEST_ENVIRONMENT
	"GATEHOUSE_BIN_DIR=${CMAKE_BINARY_DIR}/bin"
	"GATEHOUSE_BUILD_DIR=${CMAKE_BINARY_DIR}"
	"GATEHOUSE_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
	"GATEHOUSE_CACHE=${GATEHOUSE_CACHE}"
	"GATEHOUSE_FLAVOUR=${GATEHOUSE_FLAVOUR}"
	"GATEHOUSE_CC=${CMAKE_C_COMPILER}"
	"GATEHOUSE_CXX=${CMAKE_CXX_COMPILER}"
	"PYTHONDONTWRITEBYTECODE=1"
	"ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
	"UBSAN_OPTIONS=print_stacktrace=1"
	"TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1")

# config/test configures anew in each run, with full counts or without.
set(GATEHOUSE_TEST_LIMIT_S 300)
if("$ENV{GATEHOUSE_LONG}" STREQUAL "1")
	set(GATEHOUSE_TEST_LIMIT_S 7200)
endif()

# GATEHOUSE_TEST_DATA, GATEHOUSE_LONG and GATEHOUSE_SEED come through from ctest's own environment.
function(gatehouse_test_properties name label)
	set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${GATEHOUSE_TEST_LIMIT_S}
		SKIP_RETURN_CODE 77 ENVIRONMENT "${GATEHOUSE_TEST_ENVIRONMENT}")
endfunction()

# Arithmetic and reading on one thread, which ThreadSanitizer slows down to minutes and in which it
# has nothing to find: ctest names them as disabled in that flavour.
set(GATEHOUSE_ONE_THREAD unit/base/clock unit/evaluation/bootstrap unit/evaluation/faces
	unit/evaluation/spread unit/gallery/parts unit/manifest/apply unit/manifest/paxlst)

function(gatehouse_add_test name label)
	add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
	gatehouse_test_properties(${name} ${label})
	if(GATEHOUSE_FLAVOUR STREQUAL "thread" AND name IN_LIST GATEHOUSE_ONE_THREAD)
		set_tests_properties(${name} PROPERTIES DISABLED TRUE)
	endif()
endfunction()

# A Python file: pytest where its name begins with test_, a program that exits 77 to skip otherwise.
function(gatehouse_add_python_test name label file)
	cmake_path(GET file STEM stem)
	if(stem MATCHES "^test_")
		gatehouse_add_test(${name} ${label} ${GATEHOUSE_PYTHON} -m pytest -q -rs
			-p no:cacheprovider -c ${PROJECT_SOURCE_DIR}/tests/pytest.ini
			--rootdir ${PROJECT_SOURCE_DIR}/tests ${file})
	else()
		gatehouse_add_test(${name} ${label} ${GATEHOUSE_PYTHON} ${file})
	endif()
endfunction()

# tests/KIND/ROOM/NOUN.c, KIND being unit or fault.
function(gatehouse_room_tests kind)
	file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${kind}/*/*.c)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM noun)
		cmake_path(GET file PARENT_PATH folder)
		cmake_path(GET folder FILENAME room)
		if(room STREQUAL "drivers")
			gatehouse_owner(${noun} owner)
		else()
			gatehouse_owner(${room} owner)
		endif()
		if(owner STREQUAL "")
			message(WARNING "tests/${file} belongs to no room or driver of this build: left out")
			continue()
		endif()
		set(target ${kind}_${room}_${noun})
		gatehouse_test_program(${target} ${file} ${owner})
		gatehouse_link_cmocka(${target})
		if(kind STREQUAL "fault")
			gatehouse_link_inject(${target})
		endif()
		gatehouse_add_test(${kind}/${room}/${noun} ${kind} ${target})
	endforeach()
endfunction()

function(gatehouse_contract_tests)
	if(NOT TARGET driver_table)
		return()
	endif()
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/contract/*.c)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM class)
		gatehouse_test_program(contract_${class} ${file} room_device)
		gatehouse_link_cmocka(contract_${class})
		gatehouse_add_test(contract/${class} contract contract_${class})
	endforeach()
endfunction()

function(gatehouse_golden_tests)
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/golden/*.c)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM noun)
		gatehouse_owner(${noun} owner)
		gatehouse_test_program(golden_${noun} ${file} "${owner}")
		gatehouse_link_cmocka(golden_${noun})
		gatehouse_add_test(golden/${noun} golden golden_${noun})
	endforeach()
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/golden/*.py)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM noun)
		if(NOT noun MATCHES "^(make_|conftest)")
			gatehouse_add_python_test(golden/${noun} golden ${file})
		endif()
	endforeach()
endfunction()

# With libFuzzer in the fuzz flavour; elsewhere the corpus and seeded mutations of it are replayed.
function(gatehouse_fuzz_tests)
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/*.c)
	list(REMOVE_ITEM files ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/replay_main.c)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM noun)
		gatehouse_owner(${noun} owner)
		gatehouse_test_program(fuzz_${noun} ${file} "${owner}")
		# libFuzzer has no header that would declare its entry points.
		set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS -Wno-missing-prototypes)
		if(GATEHOUSE_FLAVOUR STREQUAL "fuzz")
			target_link_options(fuzz_${noun} PRIVATE -fsanitize=fuzzer)
		else()
			target_sources(fuzz_${noun} PRIVATE fuzz/replay_main.c)
			gatehouse_add_test(fuzz/${noun} fuzz
				fuzz_${noun} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${noun})
		endif()
	endforeach()
endfunction()

# Benchmarks are built so that they cannot rot, and run by hand.
function(gatehouse_benches)
	if(NOT GATEHOUSE_FLAVOUR STREQUAL "release")
		return()
	endif()
	file(GLOB support CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/bench/support/*.c)
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/bench/*.c)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM noun)
		gatehouse_owner(${noun} owner)
		gatehouse_test_program(bench_${noun} ${file} "${owner}")
		target_sources(bench_${noun} PRIVATE ${support})
		set_target_properties(bench_${noun} PROPERTIES OUTPUT_NAME ${noun}
			RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin/bench)
	endforeach()
endfunction()

function(gatehouse_system_tests)
	if(NOT GATEHOUSE_FLAVOUR STREQUAL "release")
		return()
	endif()
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/system/test_*.py)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM stem)
		string(REGEX REPLACE "^test_" "" noun ${stem})
		gatehouse_add_python_test(system/${noun} system ${file})
	endforeach()
endfunction()

# tests/lint/checks/NAME.py, and the tests of these checks.
function(gatehouse_lint_tests)
	if(NOT GATEHOUSE_FLAVOUR STREQUAL "release")
		return()
	endif()
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/lint/checks/*.py)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM check)
		gatehouse_add_test(lint/${check} lint ${GATEHOUSE_PYTHON}
			${CMAKE_CURRENT_SOURCE_DIR}/lint/lint.py ${check}
			--source ${PROJECT_SOURCE_DIR} --build ${CMAKE_BINARY_DIR})
		if(check STREQUAL "layering")
			set_property(TEST lint/layering APPEND PROPERTY LABELS layering)
		endif()
	endforeach()
	file(GLOB files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/lint/test_*.py)
	foreach(file IN LISTS files)
		cmake_path(GET file STEM stem)
		gatehouse_add_python_test(lint/${stem} lint ${file})
	endforeach()
endfunction()

# Code that tests share: tests/support/*.c for all, tests/support/ROOM/*.c for those of a room.
function(gatehouse_test_support)
	file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/support/*.c)
	if(sources)
		add_library(test_support STATIC ${sources})
		target_link_libraries(test_support PRIVATE gatehouse_test_flags PUBLIC room_base)
	endif()
	file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true
		${CMAKE_CURRENT_SOURCE_DIR}/support/*)
	foreach(folder IN LISTS folders)
		cmake_path(GET folder FILENAME name)
		file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c)
		gatehouse_owner(${name} owner)
		if(NOT IS_DIRECTORY ${folder} OR NOT sources OR owner STREQUAL "")
			continue()
		endif()
		add_library(support_${owner} STATIC ${sources})
		get_target_property(private ${owner} GATEHOUSE_FOLDER)
		target_include_directories(support_${owner} PRIVATE ${private})
		target_link_libraries(support_${owner} PRIVATE gatehouse_test_flags PUBLIC ${owner})
		if(TARGET test_support)
			target_link_libraries(support_${owner} PUBLIC test_support)
		endif()
	endforeach()
endfunction()

function(gatehouse_test_link kind room noun)
	cmake_parse_arguments(PARSE_ARGV 3 test "" "" "PKG")
	if(NOT TARGET ${kind}_${room}_${noun})
		message(WARNING "There is no test tests/${kind}/${room}/${noun}.c in this build")
		return()
	endif()
	target_link_libraries(${kind}_${room}_${noun} PRIVATE ${test_UNPARSED_ARGUMENTS})
	gatehouse_link_packages(${kind}_${room}_${noun} ${test_PKG})
endfunction()

function(gatehouse_test_wrap kind room noun)
	if(NOT TARGET ${kind}_${room}_${noun})
		message(WARNING "There is no test tests/${kind}/${room}/${noun}.c in this build")
		return()
	endif()
	list(TRANSFORM ARGN PREPEND -Wl,--wrap= OUTPUT_VARIABLE options)
	target_link_options(${kind}_${room}_${noun} PRIVATE ${options})
endfunction()

function(gatehouse_test_sources kind room noun)
	if(NOT TARGET ${kind}_${room}_${noun})
		message(WARNING "There is no test tests/${kind}/${room}/${noun}.c in this build")
		return()
	endif()
	foreach(file IN LISTS ARGN)
		cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})
		if(EXISTS ${file})
			target_sources(${kind}_${room}_${noun} PRIVATE ${file})
		else()
			message(WARNING "tests/${kind}/${room}/${noun}.c wants ${file}, which is not there")
		endif()
	endforeach()
endfunction()
