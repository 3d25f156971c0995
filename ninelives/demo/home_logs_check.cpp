#include "ninelives/demo/home_logs_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace nine::demo {
namespace {

constexpr std::string_view signs[] = {"invariant broken", "AddressSanitizer", "LeakSanitizer",
                                      "ThreadSanitizer", "runtime error:"};
constexpr bytes log_bytes_most = 64 * MiB;

void look_into(environment::files& files, const std::filesystem::path& log,
               std::vector<std::string>& found) {
  const auto text = files.read_range(log, 0, log_bytes_most);
  if (!text) return;
  for (const auto sign : signs) {
    const auto at = text->find(sign);
    if (at == std::string::npos) continue;
    const auto begin = text->rfind('\n', at) + 1;  // none: npos + 1 is the beginning
    const auto end = std::min(text->find('\n', at), text->size());
    found.push_back(fmt::format("{}: {}", log.string(), text->substr(begin, end - begin)));
  }
}

std::vector<std::string> names_in(environment::files& files, const std::filesystem::path& place) {
  return files.list(place).value_or(std::vector<std::string>());
}

}  // namespace

std::vector<std::string> complaints_in_logs(environment::files& files,
                                            const home::home_layout& layout) {
  std::vector<std::string> found;
  for (const auto& name : names_in(files, layout.logs()))
    look_into(files, layout.logs() / name, found);
  for (const auto& child : names_in(files, layout.shims()))
    look_into(files, layout.shims() / child / "shim.log", found);
  return found;
}

}  // namespace nine::demo
