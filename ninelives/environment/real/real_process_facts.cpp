#include "ninelives/environment/real/real_process_facts.hpp"

#include <unistd.h>

#include <charconv>
#include <string>
#include <string_view>

#include "ninelives/environment/real/system/process_table.hpp"
#include "ninelives/environment/real/system/small_file.hpp"

namespace nine::environment {
namespace {

/// The number behind "NAME" and blanks at the beginning of a line; zero when there is none.
std::uint64_t number_named(std::string_view text, std::string_view name) {
  const auto line = "\n" + std::string(name);
  const auto found = text.find(line);
  if (found == std::string_view::npos) return 0;
  auto rest = text.substr(found + line.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  std::uint64_t number = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), number);
  return number;
}

wall_time start_of(std::uint64_t ticks_since_boot) {
  constexpr bytes stat_bytes_most = 1 * MiB;  // one line per processor, and one per interrupt
  const auto statistics = system::read_file("/proc/stat", stat_bytes_most);
  const auto boot = statistics ? number_named(*statistics, "btime") : 0;
  const auto ticks = ::sysconf(_SC_CLK_TCK);
  if (boot == 0 || ticks <= 0) return {};
  const auto milliseconds =
      boot * 1000 + ticks_since_boot * 1000 / static_cast<std::uint64_t>(ticks);
  return wall_time_from_milliseconds(static_cast<std::int64_t>(milliseconds));
}

}  // namespace

process_facts facts_of(const process_identity& process) {
  process_facts facts{.now = system::probe(process)};
  if (facts.now != liveness::alive) return facts;
  if (const auto status = system::read_process_status(process.pid)) {
    facts.stopped = status->state == 'T' || status->state == 't';
    facts.started = start_of(status->start_time);
  }
  const auto details =
      system::read_file("/proc/" + std::to_string(process.pid) + "/status", 16 * KiB);
  if (details) facts.pauses = number_named(*details, "voluntary_ctxt_switches:");
  return facts;
}

}  // namespace nine::environment
