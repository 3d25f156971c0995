#include "ninelives/supervision/shim/core_epoch_record.hpp"

#include <charconv>

namespace nine::supervision::shim {

std::string format_core_epoch(core_epoch core) {
  return std::to_string(core.value()) + "\n";
}

result<core_epoch> parse_core_epoch(std::string_view text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  const bool whole = parsed.ec == std::errc() && std::string_view(parsed.ptr, end) == "\n";
  if (!whole || number <= 0) return fail(error_code::corrupted, "the record of the core's epoch");
  return core_epoch(number);
}

result<void> check_core_epoch(core_epoch core, core_epoch on_record) {
  if (core >= on_record) return {};
  return fail(error_code::fenced, "core epoch " + std::to_string(core.value()) +
                                      " was replaced by " + std::to_string(on_record.value()));
}

}  // namespace nine::supervision::shim
