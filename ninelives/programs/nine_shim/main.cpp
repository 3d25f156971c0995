#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "ninelives/supervision/shim/shim_driver.hpp"

namespace {

using namespace nine;
namespace shim = nine::supervision::shim;

constexpr int usage_exit = 2;
constexpr int first_listening_descriptor = 3;

constexpr const char* usage =
    "nine-shim DIRECTORY CORE_EPOCH [--home HOME] [--guard PROGRAM]\n"
    "Keeps one agent. Started by Ninelives, with its listening socket as descriptor 3.\n"
    "HOME and PROGRAM default to $NINE_HOME and $NINE_GUARD_PROGRAM; without them this shim\n"
    "starts no guard when no core comes.\n";

int complain(std::string_view what) {
  std::fprintf(stderr, "nine-shim: %.*s\n", static_cast<int>(what.size()), what.data());
  return usage_exit;
}

bool read_number(std::string_view text, std::int64_t& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

/// From the environment this process was given; empty when not set.
std::string variable(const shim::shim_options& options, std::string_view name) {
  for (const std::string_view entry : options.environment) {
    const bool named = entry.starts_with(name) && entry.substr(name.size()).starts_with('=');
    if (named) return std::string(entry.substr(name.size() + 1));
  }
  return {};
}

/// Gives what is wrong, empty when nothing is.
std::string parse(int count, char** arguments, shim::shim_options& options) {
  std::int64_t number = 0;
  if (count < 3 || arguments[1][0] != '/') return "the directory (absolute) is missing";
  if (!read_number(arguments[2], number)) return "the core's epoch is no number";
  options.directory = arguments[1];
  options.core_least = core_epoch(number);
  options.home = variable(options, "NINE_HOME");
  options.guard_program = variable(options, "NINE_GUARD_PROGRAM");
  for (int i = 3; i < count; i += 2) {
    const std::string name = arguments[i];
    if (i + 1 == count) return name + " needs a value";
    if (name != "--home" && name != "--guard") return "cannot use " + name;
    (name == "--home" ? options.home : options.guard_program) = arguments[i + 1];
  }
  return {};
}

}  // namespace

int main(int count, char** arguments, char** environment) {
  if (count == 2 && std::strcmp(arguments[1], "--help") == 0) {
    std::fputs(usage, stdout);
    return 0;
  }
  shim::shim_options options;
  for (auto** entry = environment; *entry != nullptr; ++entry) {
    options.environment.emplace_back(*entry);
  }
  if (const auto wrong = parse(count, arguments, options); !wrong.empty()) {
    return complain(wrong + "\n" + usage);
  }
  using nine::environment::system::descriptor;
  using nine::environment::system::unix_listener;
  auto listener = unix_listener::adopt(descriptor(first_listening_descriptor));
  if (!listener) return complain(listener.error().message);
  auto driver = shim::shim_driver::create(std::move(options), std::move(*listener));
  if (!driver) return complain(driver.error().message);
  const auto ended = (*driver)->run();
  return ended ? 0 : complain(ended.error().message);
}
