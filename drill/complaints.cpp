#include "drill/complaints.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <sstream>
#include <string_view>

#include "drill/home.hpp"
#include "ninelives/base/json_text.hpp"

namespace nine::drill {
namespace {

constexpr std::array<std::string_view, 7> signs_of_a_defect{
    "AddressSanitizer", "LeakSanitizer",       "ThreadSanitizer", "runtime error:",
    "invariant broken", "exception_unhandled", "terminate called"};

/// The guard cannot know how a core ended that it adopted.
constexpr std::array<std::string_view, 5> ordered_endings{"signal 9", "signal 15", "exit code 0",
                                                          "exit code 3", "unknown exit"};

template <class Texts>
bool ends_like_one_of(const std::string& message, const Texts& endings) {
  return std::ranges::any_of(
      endings, [&](const auto& how) { return message.ends_with(": " + std::string(how)); });
}

std::vector<std::string> lines_that(const std::string& log, const auto& match) {
  std::vector<std::string> found;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);)
    if (match(line)) found.push_back(line);
  return found;
}

/// Regular ones: a test may have put a link to a device in place of one.
std::vector<std::string> logs_of(const std::string& root) {
  auto found = files_below(root + "/log");
  for (auto& file : files_below(root + "/shims"))
    if (file.ends_with("/shim.log")) found.push_back(std::move(file));
  return found;
}

}  // namespace

std::vector<std::string> defects_in(const std::string& log) {
  return lines_that(log, [](const std::string& line) {
    return std::ranges::any_of(signs_of_a_defect,
                               [&](std::string_view sign) { return line.contains(sign); });
  });
}

std::vector<std::string> unexpected_endings(const std::string& guard_log,
                                            const std::vector<std::string>& expected) {
  return lines_that(guard_log, [&](const std::string& line) {
    boost::json::error_code not_json;  // last words, of which defects_in() judges
    const auto told = boost::json::parse(line, not_json);
    if (not_json || !told.is_object()) return false;
    if (text_in(told.get_object(), "event") != "service_ended") return false;
    const std::string message(text_in(told.get_object(), "message"));
    return !ends_like_one_of(message, ordered_endings) && !ends_like_one_of(message, expected);
  });
}

std::vector<std::string> complaints_of(const std::string& root,
                                       const std::vector<std::string>& expected) {
  std::vector<std::string> found;
  for (const auto& path : logs_of(root)) {
    const auto log = read_file(path);
    auto told = defects_in(log);
    if (path.contains("/log/guard.log"))
      std::ranges::move(unexpected_endings(log, expected), std::back_inserter(told));
    for (const auto& line : told)
      found.push_back(path.substr(root.size() + 1) + ": " + line);
  }
  return found;
}

}  // namespace nine::drill
