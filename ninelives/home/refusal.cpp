#include "ninelives/home/refusal.hpp"

#include "ninelives/base/units.hpp"

namespace nine::home {
namespace {

constexpr bytes refusal_bytes_most = 64 * KiB;

}  // namespace

result<void> write_refusal(environment::files& files, const home_layout& layout,
                           std::string_view message) {
  return files.write_durably(layout.refusal(), message);
}

std::optional<std::string> find_refusal(environment::files& files, const home_layout& layout) {
  auto text = files.read(layout.refusal(), refusal_bytes_most);
  if (!text) return std::nullopt;
  return *std::move(text);
}

void clear_refusal(environment::files& files, const home_layout& layout) {
  static_cast<void>(files.remove(layout.refusal()));  // at worst an old message is read once more
}

}  // namespace nine::home
