# SPDX-License-Identifier: Apache-2.0
# Compiler and linker flags: gatehouse_flags for product code, gatehouse_test_flags for tests.

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# Assertions stay on in every flavour (docs/decisions/0015-assertions-stay-on.md).
foreach(language C CXX)
	set(CMAKE_${language}_FLAGS_RELEASE "-O2")
	set(CMAKE_${language}_FLAGS_RELWITHDEBINFO "-O2 -g")
endforeach()

include(CheckPIESupported)
check_pie_supported()
include(CheckCCompilerFlag)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

add_library(gatehouse_flags INTERFACE)
target_include_directories(gatehouse_flags INTERFACE ${PROJECT_SOURCE_DIR}/include)
target_link_libraries(gatehouse_flags INTERFACE Threads::Threads m)
target_compile_definitions(gatehouse_flags INTERFACE
	_POSIX_C_SOURCE=200809L GATEHOUSE_VERSION="${PROJECT_VERSION}")
target_compile_options(gatehouse_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Wvla -Wformat=2
	-fno-common -ffunction-sections -fdata-sections
	$<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes>
	# OpenCV's and dlib's headers are full of these, in macros that SYSTEM does not cover.
	$<$<COMPILE_LANGUAGE:CXX>:-Wno-pedantic>)
target_link_options(gatehouse_flags INTERFACE -Wl,--as-needed -Wl,--gc-sections)

# A library never takes a function of ours for one of its own of the same name. clang links the
# sanitizer as an archive, whose malloc() the libraries have to see.
if(NOT GATEHOUSE_FLAVOUR STREQUAL "fuzz")
	target_link_options(gatehouse_flags INTERFACE -Wl,--exclude-libs,ALL)
endif()

# The shipped compiler judges; clang of the fuzz flavour knows other warnings.
if(NOT GATEHOUSE_FLAVOUR STREQUAL "fuzz")
	target_compile_options(gatehouse_flags INTERFACE -Werror)
endif()

if(GATEHOUSE_FLAVOUR STREQUAL "release")
	target_compile_options(gatehouse_flags INTERFACE
		-fstack-protector-strong -fstack-clash-protection)
	if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
		target_compile_options(gatehouse_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
	endif()
	foreach(flag -fcf-protection=full -mbranch-protection=standard)
		string(MAKE_C_IDENTIFIER "GATEHOUSE_HAS${flag}" has)
		check_c_compiler_flag(${flag} ${has})
		if(${has})
			target_compile_options(gatehouse_flags INTERFACE ${flag})
		endif()
	endforeach()
	target_link_options(gatehouse_flags INTERFACE
		-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,defs)
else()
	set(sanitize_address address,undefined)
	set(sanitize_thread thread)
	set(sanitize_fuzz fuzzer-no-link,address,undefined)
	set(sanitize ${sanitize_${GATEHOUSE_FLAVOUR}})
	target_compile_options(gatehouse_flags INTERFACE -g -O1 -fno-omit-frame-pointer
		-fsanitize=${sanitize} -fno-sanitize-recover=all)
	target_link_options(gatehouse_flags INTERFACE -fsanitize=${sanitize})
endif()
if(GATEHOUSE_FLAVOUR STREQUAL "fuzz")
	target_compile_options(gatehouse_flags INTERFACE
		-fprofile-instr-generate -fcoverage-mapping)
	target_link_options(gatehouse_flags INTERFACE -fprofile-instr-generate)
endif()

# cmocka hands every test a state that few of them use.
add_library(gatehouse_test_flags INTERFACE)
target_link_libraries(gatehouse_test_flags INTERFACE gatehouse_flags)
target_compile_options(gatehouse_test_flags INTERFACE -Wno-unused-parameter)
target_include_directories(gatehouse_test_flags INTERFACE ${PROJECT_SOURCE_DIR}/tests)
