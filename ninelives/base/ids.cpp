#include "ninelives/base/ids.hpp"

#include <charconv>

namespace nine {

std::string to_string(task_id id) {
  return "t" + std::to_string(id.value());
}

result<task_id> parse_task_id(std::string_view text) {
  const auto digits = text.starts_with('t') ? text.substr(1) : text;
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (problem != std::errc{} || end != digits.data() + digits.size() || value <= 0) {
    return fail(error_code::invalid_argument,
                "'" + std::string(text.substr(0, 64)) + "' is not a task id; they look like t12");
  }
  return task_id(value);
}

}  // namespace nine
