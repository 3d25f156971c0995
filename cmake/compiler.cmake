# One place for warnings and sanitizers; every target links `nine_compiler`.
option(NINE_WERROR "Treat warnings as errors" ON)
set(NINE_SANITIZE "" CACHE STRING "Sanitizers: empty, address (with undefined), or thread")

add_library(nine_compiler INTERFACE)
target_compile_options(nine_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  $<$<BOOL:${NINE_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside its own headers once coroutines are inlined; Clang checks the same code.
  target_compile_options(nine_compiler INTERFACE
    -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-array-bounds -Wno-stringop-overflow
    -Wno-stringop-overread -Wno-restrict -Wno-free-nonheap-object -Wno-mismatched-new-delete)
endif()
# Designated initializers name what differs from the defaults; the rest is meant to be default.
target_compile_options(nine_compiler INTERFACE -Wno-missing-field-initializers)
target_include_directories(nine_compiler INTERFACE "${CMAKE_SOURCE_DIR}")

if(NINE_SANITIZE STREQUAL "address")
  set(nine_sanitize_flags -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(NINE_SANITIZE STREQUAL "thread")
  set(nine_sanitize_flags -fsanitize=thread -fno-omit-frame-pointer)
elseif(NOT NINE_SANITIZE STREQUAL "")
  message(FATAL_ERROR "NINE_SANITIZE is '${NINE_SANITIZE}'; expected empty, address or thread")
endif()

# Coverage that guides the fuzz targets; the other tests run in the same build.
option(NINE_FUZZ "Build the fuzz targets (Clang, with NINE_SANITIZE=address)" OFF)
if(NINE_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR NOT NINE_SANITIZE STREQUAL "address")
    message(FATAL_ERROR "NINE_FUZZ needs -DCMAKE_CXX_COMPILER=clang++-19 -DNINE_SANITIZE=address")
  endif()
  list(APPEND nine_sanitize_flags -fsanitize=fuzzer-no-link)
endif()
if(nine_sanitize_flags)
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")  # finds the same, builds in two thirds of the time
endif()
target_compile_options(nine_compiler INTERFACE ${nine_sanitize_flags})
target_link_options(nine_compiler INTERFACE ${nine_sanitize_flags})

# Paths from the root of the repository in messages and line tables, wherever the checkout stands.
target_compile_options(nine_compiler INTERFACE "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")

# Checkouts share what ccache keeps; with the sloppiness, precompiled headers are kept too.
find_program(NINE_CCACHE ccache)
if(NINE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${NINE_CCACHE}")
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(nine_compiler INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
  else()
    target_compile_options(nine_compiler INTERFACE -fpch-preprocess)
  endif()
endif()

find_program(NINE_MOLD mold)
if(NINE_MOLD)
  target_link_options(nine_compiler INTERFACE -fuse-ld=mold)
endif()
