#include "ninelives/supervision/shim/identity_record.hpp"

#include <charconv>

namespace nine::supervision::shim {

namespace {

/// Takes a number and the blank after it off the front.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end == text.data() + text.size() || *end != ' ') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return true;
}

}  // namespace

std::string format_identity(const environment::process_identity& process) {
  return std::to_string(process.pid) + ' ' + std::to_string(process.start_time) + ' ' +
         process.boot_id + '\n';
}

result<environment::process_identity> parse_identity(std::string_view text) {
  environment::process_identity process;
  const bool numbers = take_number(text, process.pid) && take_number(text, process.start_time);
  if (!numbers || process.pid <= 0 || text.size() < 2 || text.back() != '\n')
    return fail(error_code::corrupted, "not the identity of a process");
  process.boot_id = text.substr(0, text.size() - 1);
  return process;
}

}  // namespace nine::supervision::shim
