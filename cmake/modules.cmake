# A module is a folder. One line in ninelives/CMakeLists.txt declares its floor and what it stands on;
# tools/check.py proves that includes agree with that line. Sources and tests are found by their names:
# x.cpp goes into the library, x.test.cpp into the module's test program, so no test can be forgotten.
#
#   nine_module(journal FLOOR 3 DEPENDS environment base LIBRARIES SQLite::SQLite3)
#
# ASIO           its sources use coroutines and the network headers (precompiled)
# THREADED       its tests run threads: CI runs them under ThreadSanitizer too
# TEST_DEPENDS   modules that only its tests include
# TEST_PROGRAMS  programs its tests start; they find them in NINE_PROGRAM_DIRECTORY (a string macro)
function(nine_module path)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ASIO;THREADED" "FLOOR" "DEPENDS;LIBRARIES;TEST_DEPENDS;TEST_PROGRAMS")
  nine_folder_sources(${path} sources tests)
  nine_target_name(${path} target)
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${target} ${scope} nine_compiler fmt::fmt ${arg_LIBRARIES})
  nine_link_modules(${target} ${scope} ${arg_DEPENDS})
  if(arg_ASIO)
    target_link_libraries(${target} ${scope} nine_boost)
    if(sources)
      nine_use_precompiled(${target})
    endif()
  endif()
  nine_folder_tests(${path} "${tests}" "${arg_ASIO}" "${arg_THREADED}" "${arg_TEST_PROGRAMS}"
                    ${path} ${arg_TEST_DEPENDS})
endfunction()

# A program is a folder too: a composition root that only wires. It is built into bin/ of the build
# directory and installed with `cmake --install`.
#
#   nine_program(nine programs/nine FLOOR 8 ASIO DEPENDS base environment control)
#
# STATIC     linked without any shared library (not when sanitised, sanitizers cannot). Only the
#            archives of the modules it names are linked, nothing they stand on: name every one, and
#            keep what they use free of shared libraries.
# DIRECTORY  where it is installed, relative to the prefix (default: bin)
# Its *.test.cpp files are tests of the finished program and start it from NINE_PROGRAM_DIRECTORY.
function(nine_program name path)
  cmake_parse_arguments(PARSE_ARGV 2 arg "ASIO;STATIC" "FLOOR;DIRECTORY"
                        "DEPENDS;LIBRARIES;TEST_DEPENDS;TEST_PROGRAMS")
  nine_folder_sources(${path} sources tests)
  add_executable(${name} ${sources})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  target_link_libraries(${name} PRIVATE nine_compiler)
  if(NINE_SANITIZE STREQUAL "address")
    target_sources(${name} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/sanitizer_reports.cpp")
  endif()
  if(arg_STATIC AND NINE_SANITIZE STREQUAL "")
    nine_link_archives(${name} ${arg_DEPENDS})
  else()
    nine_link_modules(${name} PRIVATE ${arg_DEPENDS})
    target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
    if(arg_ASIO)
      target_link_libraries(${name} PRIVATE nine_boost)
      nine_use_precompiled(${name})
    endif()
  endif()
  if(NOT arg_DIRECTORY)
    set(arg_DIRECTORY bin)
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION ${arg_DIRECTORY})
  nine_folder_tests(${path} "${tests}" "${arg_ASIO}" FALSE "${name};${arg_TEST_PROGRAMS}"
                    ${arg_DEPENDS} ${arg_TEST_DEPENDS})
endfunction()

# A test program; its tests appear in ctest one by one.
function(nine_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;MODULES;LABELS;PROGRAMS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE GTest::gtest GTest::gmock GTest::gtest_main)
  nine_link_modules(${name} PRIVATE ${arg_MODULES})
  target_compile_definitions(${name} PRIVATE NINE_SOURCE_DIRECTORY="${CMAKE_SOURCE_DIR}")
  if(arg_PROGRAMS)
    add_dependencies(${name} ${arg_PROGRAMS})
    target_compile_definitions(${name} PRIVATE NINE_PROGRAM_DIRECTORY="${CMAKE_BINARY_DIR}/bin")
  endif()
  if("threads" IN_LIST arg_LABELS)
    add_dependencies(threaded_tests ${name})
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}/"
    PROPERTIES TIMEOUT 300 LABELS "${arg_LABELS}")
endfunction()
add_custom_target(threaded_tests)  # what ThreadSanitizer builds

# Links the modules whose headers the file includes, so that a fuzz target is a file and
# nothing else.
function(nine_link_by_includes name source)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
  file(STRINGS "${source}" lines REGEX "^#include \"ninelives/")
  foreach(line ${lines})
    string(REGEX REPLACE "^#include \"ninelives/(.*)/[^/]*\".*" "\\1" module "${line}")
    nine_target_name(${module} library)
    if(TARGET ${library})
      target_link_libraries(${name} PRIVATE ${library})
    else()
      message(FATAL_ERROR "${source} includes ninelives/${module}/, which is no module")
    endif()
  endforeach()
endfunction()

# --- what the functions above share ---

function(nine_target_name path output)
  string(REPLACE "/" "_" name "${path}")
  set(${output} "nine_${name}" PARENT_SCOPE)
endfunction()

function(nine_folder_sources path sources_output tests_output)
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${path}/*.cpp")
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "\\.(test|fuzz)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "\\.test\\.cpp$")
  set(${sources_output} "${sources}" PARENT_SCOPE)
  set(${tests_output} "${tests}" PARENT_SCOPE)
endfunction()

function(nine_link_modules target scope)
  foreach(module ${ARGN})
    nine_target_name(${module} library)
    target_link_libraries(${target} ${scope} ${library})
  endforeach()
endfunction()

# The archives themselves, without the libraries they would bring along.
function(nine_link_archives target)
  set(archives)
  foreach(module ${ARGN})
    nine_target_name(${module} library)
    get_target_property(type ${library} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND archives $<TARGET_FILE:${library}>)
      add_dependencies(${target} ${library})
    endif()
  endforeach()
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS "${archives}")
  target_link_libraries(${target} PRIVATE -static -Wl,--start-group ${archives} -Wl,--end-group)
endfunction()

function(nine_folder_tests path tests asio threaded programs)
  if(NOT tests OR NOT NINE_TESTS)
    return()
  endif()
  string(REPLACE "/" "_" name "${path}")
  set(labels)
  if(threaded)
    set(labels threads)
  endif()
  nine_test(${name}.test SOURCES ${tests} MODULES ${ARGN} LABELS "${labels}" PROGRAMS ${programs})
  if(asio)
    target_link_libraries(${name}.test PRIVATE nine_boost)
    nine_use_precompiled(${name}.test)
  endif()
endfunction()
