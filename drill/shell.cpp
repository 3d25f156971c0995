#include "drill/shell.hpp"

#include <atomic>

namespace nine::drill {

std::unique_ptr<running_program> start_shell(const home& place, const std::string& script) {
  static std::atomic<int> runs = 0;
  const auto number = std::to_string(++runs);
  return std::make_unique<running_program>(
      std::vector<std::string>{"/bin/sh", "-c", script},
      std::map<std::string, std::string>{
          {"NINE_HOME", place.root()},
          {"HOME", place.workspace()},
          {"PATH", std::string(NINE_PROGRAM_DIRECTORY) + ":/usr/local/bin:/usr/bin:/bin"}},
      place.workspace(), place.root() + "/shell-" + number);
}

outcome shell(const home& place, const std::string& script) {
  return start_shell(place, script)->wait(std::chrono::seconds(120));
}

}  // namespace nine::drill
