#include "ninelives/supervision/guard/handover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace nine::supervision::guard {
namespace {

constexpr std::array<std::string_view, 9> personal_variables = {
    "NOTIFY_SOCKET",  "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS",       "LISTEN_PID",
    "LISTEN_FDNAMES", home_variable,   guard_variable, adopt_core_variable};

bool is_personal(std::string_view assignment) {
  const auto name = assignment.substr(0, assignment.find('='));
  return std::ranges::find(personal_variables, name) != personal_variables.end();
}

/// The whole text as a number greater than zero; zero for anything else.
template <class Number>
Number parse_number(std::string_view text) {
  Number value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = code == std::errc{} && end == text.data() + text.size();
  return whole && value > 0 ? value : 0;
}

}  // namespace

std::string to_string(const process_name& name) {
  return fmt::format("{}:{}", name.pid, name.start_time);
}

process_name name_of(const environment::process_identity& process) {
  return {process.pid, process.start_time};
}

result<process_name> parse_process_name(std::string_view text) {
  const auto colon = std::min(text.find(':'), text.size());
  process_name name;
  name.pid = parse_number<std::int32_t>(text.substr(0, colon));
  if (colon < text.size()) name.start_time = parse_number<std::uint64_t>(text.substr(colon + 1));
  if (name.pid > 0 && name.start_time > 0) return name;
  return fail(error_code::invalid_argument,
              fmt::format("'{}' is not the name of a process (PID:START_TIME)", text));
}

result<environment::process_identity> find_process(environment::processes& processes,
                                                   const process_name& name) {
  NINE_TRY_ASSIGN(auto process, processes.identify(name.pid));
  if (process.start_time == name.start_time) return process;
  return fail(error_code::not_found, fmt::format("process {} is gone", to_string(name)));
}

std::vector<std::string> environment_for(const std::vector<std::string>& base,
                                         const std::vector<std::string>& additions) {
  std::vector<std::string> environment;
  std::ranges::remove_copy_if(base, std::back_inserter(environment), is_personal);
  environment.insert(environment.end(), additions.begin(), additions.end());
  return environment;
}

duration parse_watchdog(std::string_view microseconds) {
  constexpr auto most = std::chrono::duration_cast<std::chrono::microseconds>(duration::max());
  const std::chrono::microseconds wait(parse_number<std::int64_t>(microseconds));
  return std::min(wait, most);
}

}  // namespace nine::supervision::guard
