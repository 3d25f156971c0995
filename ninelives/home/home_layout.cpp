#include "ninelives/home/home_layout.hpp"

#include <fmt/format.h>

#include <utility>

#include "ninelives/base/assert.hpp"
#include "ninelives/base/stable_hash.hpp"

namespace nine::home {
namespace {

/// sockaddr_un::sun_path without its terminating zero.
constexpr std::size_t socket_path_bytes_most = 107;

std::filesystem::path choose_socket_directory(const std::filesystem::path& root,
                                              std::uint32_t user_id) {
  const auto inside = root / "run";
  const auto longest = inside.native().size() + 1 + home_layout::socket_name_bytes_most;
  if (longest <= socket_path_bytes_most) return inside;
  return fmt::format("/tmp/nine-{}-{:016x}", user_id, stable_hash_of(root.native()));
}

std::filesystem::path normalised(const std::filesystem::path& path) {
  auto normal = path.lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

}  // namespace

result<std::filesystem::path> home_root(const home_variables& variables) {
  if (!variables.nine_home.empty()) {
    if (!variables.nine_home.starts_with('/')) {
      return fail(
          error_code::invalid_argument,
          fmt::format("NINE_HOME is '{}'; it must begin with a slash", variables.nine_home));
    }
    return normalised(variables.nine_home);
  }
  if (variables.xdg_state_home.starts_with('/')) {
    return normalised(std::filesystem::path(variables.xdg_state_home) / "ninelives");
  }
  if (variables.home.starts_with('/')) {
    return normalised(std::filesystem::path(variables.home) / ".local/state/ninelives");
  }
  return fail(error_code::invalid_argument, "no home directory: set NINE_HOME or HOME");
}

home_layout::home_layout(std::filesystem::path root, std::uint32_t user_id)
    : root_(std::move(root)), socket_directory_(choose_socket_directory(root_, user_id)) {
  NINE_ASSERT(root_.is_absolute());
}

std::filesystem::path home_layout::socket(std::string_view name) const {
  NINE_ASSERT(name.size() <= socket_name_bytes_most);
  return socket_directory_ / name;
}

}  // namespace nine::home
