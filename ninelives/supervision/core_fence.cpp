#include "ninelives/supervision/core_fence.hpp"

#include "ninelives/supervision/shim/core_epoch_record.hpp"

namespace nine::supervision {

result<void> core_fence::take_over() {
  if (record_.empty()) return {};
  return files_->write_durably(record_, shim::format_core_epoch(mine_));
}

result<void> core_fence::check() const {
  if (record_.empty()) return {};
  const auto text = files_->read(record_, shim::core_epoch_bytes_most);
  if (!text && text.error().code == error_code::not_found) return {};
  if (!text) return std::unexpected(text.error());
  NINE_TRY_ASSIGN(const auto on_record, shim::parse_core_epoch(*text));
  return shim::check_core_epoch(mine_, on_record);
}

bool core_fence::is_fenced() const {
  const auto current = check();
  return !current && current.error().code == error_code::fenced;
}

}  // namespace nine::supervision
