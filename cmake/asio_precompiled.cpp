// CMake wants a source file for the precompiled header to belong to.
#include "cmake/asio_precompiled.hpp"
