#include "ninelives/base/result.hpp"

namespace nine {

std::string_view to_string(error_code code) noexcept {
  switch (code) {
    case error_code::invalid_argument:
      return "invalid_argument";
    case error_code::not_found:
      return "not_found";
    case error_code::already_exists:
      return "already_exists";
    case error_code::precondition_failed:
      return "precondition_failed";
    case error_code::fenced:
      return "fenced";
    case error_code::unavailable:
      return "unavailable";
    case error_code::timed_out:
      return "timed_out";
    case error_code::cancelled:
      return "cancelled";
    case error_code::resource_exhausted:
      return "resource_exhausted";
    case error_code::too_large:
      return "too_large";
    case error_code::corrupted:
      return "corrupted";
    case error_code::protocol_error:
      return "protocol_error";
    case error_code::permission_denied:
      return "permission_denied";
    case error_code::io_error:
      return "io_error";
    case error_code::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace nine
