#include "ninelives/environment/real/real_process_facts.hpp"

#include <time.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <string>
#include <string_view>

#include "ninelives/environment/real/real_clock.hpp"
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

wall_time start_by_now(std::uint64_t start_ticks) {
  const auto ticks_per_second = ::sysconf(_SC_CLK_TCK);
  ::timespec up{};
  if (ticks_per_second <= 0 || ::clock_gettime(CLOCK_BOOTTIME, &up) != 0) return {};
  const auto since_boot = std::chrono::seconds(up.tv_sec) + std::chrono::nanoseconds(up.tv_nsec);
  return start_of(start_ticks, static_cast<std::uint64_t>(ticks_per_second), since_boot,
                  real_clock().wall_now());
}

}  // namespace

wall_time start_of(std::uint64_t start_ticks, std::uint64_t ticks_per_second,
                   std::chrono::nanoseconds since_boot, wall_time now) {
  const std::chrono::milliseconds at_start(
      static_cast<std::int64_t>(start_ticks * 1000 / ticks_per_second));
  return now - (since_boot - at_start);
}

process_facts facts_of(const process_identity& process) {
  process_facts facts{.now = system::probe(process)};
  if (facts.now != liveness::alive) return facts;
  if (const auto status = system::read_process_status(process.pid)) {
    facts.stopped = status->state == 'T' || status->state == 't';
    facts.started = start_by_now(status->start_time);
  }
  const auto details =
      system::read_file("/proc/" + std::to_string(process.pid) + "/status", 16 * KiB);
  if (details) facts.pauses = number_named(*details, "voluntary_ctxt_switches:");
  return facts;
}

}  // namespace nine::environment
