#include "ninelives/home/removed_home.hpp"

#include "ninelives/home/prepare_home.hpp"

namespace nine::home {

bool is_removed(environment::files& files, const home_layout& layout, std::string_view key) {
  const auto present = read_home_key(files, layout);
  if (present) return *present != key;
  return present.error().code == error_code::not_found;
}

}  // namespace nine::home
