#include "ninelives/home/prepare_home.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "ninelives/base/units.hpp"

namespace nine::home {
namespace {

constexpr std::size_t key_digits = 64;
constexpr std::string_view hexadecimal_digits = "0123456789abcdef";

bool is_key(std::string_view text) {
  return text.size() == key_digits && std::ranges::all_of(text, [](char digit) {
           return hexadecimal_digits.find(digit) != std::string_view::npos;
         });
}

result<void> require_private(environment::files& files, const environment::path& directory) {
  NINE_TRY_ASSIGN(const auto information, files.information(directory));
  if (information.is_directory && information.is_private) return {};
  return fail(error_code::permission_denied,
              fmt::format("{} is not a directory of this user alone (mode 0700); remove it, or set "
                          "NINE_HOME to a shorter path",
                          directory.native()));
}

}  // namespace

result<void> prepare_home(environment::files& files, const home_layout& layout) {
  for (const auto& directory :
       {layout.root(), layout.run_directory(), layout.socket_directory(), layout.shims(),
        layout.blobs(), layout.tasks(), layout.logs(), layout.credentials()}) {
    NINE_TRY(files.make_directory(directory));
  }
  return require_private(files, layout.socket_directory());
}

result<std::string> read_home_key(environment::files& files, const home_layout& layout) {
  NINE_TRY_ASSIGN(auto key, files.read(layout.home_key(), KiB));
  if (is_key(key)) return key;
  return fail(error_code::corrupted,
              fmt::format("{} does not hold {} hexadecimal digits; remove it to get a new key",
                          layout.home_key().native(), key_digits));
}

result<std::string> ensure_home_key(environment::files& files, environment::random& random,
                                    const home_layout& layout) {
  auto present = read_home_key(files, layout);
  if (present || present.error().code != error_code::not_found) return present;
  std::string key;
  while (key.size() < key_digits)
    key += fmt::format("{:016x}", random.next());
  NINE_TRY(files.write_durably(layout.home_key(), key));
  return key;
}

}  // namespace nine::home
