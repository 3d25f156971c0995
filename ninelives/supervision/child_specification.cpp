#include "ninelives/supervision/child_specification.hpp"

#include <fmt/format.h>

namespace nine::supervision {

namespace {

std::unexpected<error> invalid(const child_specification& child, std::string_view problem) {
  return fail(error_code::invalid_argument, fmt::format("child '{}': {}", child.id, problem));
}

bool is_printable(std::string_view text) {
  for (const char c : text)
    if (c < 0x20 || c == 0x7f) return false;
  return true;
}

}  // namespace

child_specification worker_child(std::string id) {
  child_specification child;
  child.id = std::move(id);
  return child;
}

child_specification supervisor_child(std::string id) {
  child_specification child;
  child.id = std::move(id);
  child.type = child_type::supervisor;
  child.shutdown = shutdown_policy::infinity();
  return child;
}

result<void> validate(const child_specification& child, auto_shutdown mode) {
  if (child.id.empty())
    return fail(error_code::invalid_argument, "a child has no id; every child needs one");
  if (child.id.size() > child_id_bytes_most)
    return invalid(child, fmt::format("id is longer than {} bytes", child_id_bytes_most));
  if (!is_printable(child.id)) return invalid(child, "id has control characters");

  if (child.shutdown.how == shutdown_policy::kind::timeout) {
    if (child.shutdown.grace <= 0s)
      return invalid(child,
                     "shutdown time-out must be above zero; use brutal_kill to kill at once");
    if (child.shutdown.grace > shutdown_grace_most)
      return invalid(child, "shutdown time-out is above 24 h; use infinity");
  }

  if (child.significant && child.restart == restart_type::permanent)
    return invalid(child, "a permanent child cannot be significant: it never ends for good");
  if (child.significant && mode == auto_shutdown::never)
    return invalid(child, "significant needs auto_shutdown any_significant or all_significant");
  return {};
}

std::string_view to_string(restart_type type) noexcept {
  switch (type) {
    case restart_type::permanent:
      return "permanent";
    case restart_type::transient:
      return "transient";
    case restart_type::temporary:
      return "temporary";
  }
  return "unknown";
}

std::string_view to_string(child_type type) noexcept {
  return type == child_type::worker ? "worker" : "supervisor";
}

std::string_view to_string(auto_shutdown mode) noexcept {
  switch (mode) {
    case auto_shutdown::never:
      return "never";
    case auto_shutdown::any_significant:
      return "any_significant";
    case auto_shutdown::all_significant:
      return "all_significant";
  }
  return "unknown";
}

}  // namespace nine::supervision
