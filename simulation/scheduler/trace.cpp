#include "simulation/scheduler/trace.hpp"

#include <fmt/format.h>

namespace nine::simulation {
namespace {

double seconds(monotonic_time at) {
  return std::chrono::duration<double>(at.time_since_epoch()).count();
}

}  // namespace

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
  mark_.add(std::uint64_t{text.size()});
  if (listener_) listener_(fmt::format("{:14.6f} {}", seconds(at), text));
}

}  // namespace nine::simulation
