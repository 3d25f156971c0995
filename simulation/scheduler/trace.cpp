#include "simulation/scheduler/trace.hpp"

#include <fmt/format.h>

namespace nine::simulation {
namespace {

constexpr std::uint64_t fnv_prime = 1099511628211ULL;

double seconds(monotonic_time at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

}  // namespace

void fingerprint::add(std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) {
    value_ = (value_ ^ ((number >> shift) & 0xff)) * fnv_prime;
  }
}

void fingerprint::add(std::string_view text) {
  for (const char letter : text) {
    value_ = (value_ ^ static_cast<unsigned char>(letter)) * fnv_prime;
  }
  add(text.size());
}

void trace::listen(listener where, bool decisions) {
  listener_ = std::move(where);
  decisions_ = decisions;
}

void trace::decision(monotonic_time at, int lane, std::uint64_t task) {
  mark_.add(static_cast<std::uint64_t>(at.time_since_epoch().count()));
  mark_.add((static_cast<std::uint64_t>(lane) << 40) ^ task);
  if (listener_ && decisions_) {
    listener_(fmt::format("{:14.6f}   run task {} of lane {}", seconds(at), task, lane));
  }
}

void trace::event(monotonic_time at, std::string_view text) {
  ++events_;
  mark_.add(static_cast<std::uint64_t>(at.time_since_epoch().count()));
  mark_.add(text);
  if (listener_) listener_(fmt::format("{:14.6f} {}", seconds(at), text));
}

}  // namespace nine::simulation
