# Everything comes from Debian 12; `./dev setup` installs it. Nothing is downloaded here.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
option(NINE_TESTS "Build the tests, which needs GoogleTest" ON)
if(NINE_TESTS)
  find_package(GTest REQUIRED)
endif()
find_package(PkgConfig REQUIRED)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
include(GoogleTest)

# Asio, Beast and JSON are header libraries; their function bodies are compiled once, here.
add_library(nine_boost STATIC "${CMAKE_SOURCE_DIR}/cmake/boost_sources.cpp")
target_link_libraries(nine_boost PUBLIC nine_compiler Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
target_compile_definitions(nine_boost PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_DISABLE_VISIBILITY)
target_compile_options(nine_boost PRIVATE -w)

# What nearly every coroutine source includes, precompiled once for all targets that link nine_boost.
add_library(nine_precompiled OBJECT "${CMAKE_SOURCE_DIR}/cmake/asio_precompiled.cpp")
target_link_libraries(nine_precompiled PRIVATE nine_boost)
target_precompile_headers(nine_precompiled PRIVATE "${CMAKE_SOURCE_DIR}/cmake/asio_precompiled.hpp")
function(nine_use_precompiled target)
  target_precompile_headers(${target} REUSE_FROM nine_precompiled)
endfunction()
