#include "ninelives/supervision/core_fence.hpp"

#include "ninelives/supervision/shim/core_epoch_record.hpp"

namespace nine::supervision {

result<core_epoch> core_fence::newest(environment::files& files,
                                      const std::filesystem::path& record) {
  const auto text = files.read(record, shim::core_epoch_bytes_most);
  if (!text && text.error().code == error_code::not_found) return core_epoch();
  if (!text) return std::unexpected(text.error());
  return shim::parse_core_epoch(*text);
}

result<void> core_fence::take_over() {
  if (record_.empty()) return {};
  return files_->write_durably(record_, shim::format_core_epoch(mine_));
}

result<void> core_fence::check() const {
  if (record_.empty()) return {};
  NINE_TRY_ASSIGN(const auto on_record, newest(*files_, record_));
  return shim::check_core_epoch(mine_, on_record);
}

bool core_fence::is_fenced() const {
  const auto current = check();
  return !current && current.error().code == error_code::fenced;
}

}  // namespace nine::supervision
