#pragma once

#include <string>
#include <string_view>

namespace nine::demo {

/// The nine.yaml of the demo's home.
std::string home_configuration(const std::string& program, const std::string& model_url);

/// How the simulated model behaves.
std::string_view model_script();

}  // namespace nine::demo
