#include "simulation/environment/pipe.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::simulation {

void pipe::send(std::string_view data) {
  NINE_ASSERT(data.size() <= space());
  while (!data.empty()) {
    const bool whole = random_.chance(0.7);
    const auto size = whole ? data.size() : 1 + random_.below(data.size());
    under_way_ += size;
    deliver_later([self = shared_from_this(), segment = std::string(data.substr(0, size))] {
      self->under_way_ -= segment.size();
      if (!self->reader_gone_ && !self->broken_) self->arrived_ += segment;
      self->arrived_changed_.wake_all();
    });
    data.remove_prefix(size);
  }
}

void pipe::end_writing() {
  if (std::exchange(writer_gone_, true)) return;
  deliver_later([self = shared_from_this()] {
    self->ended_ = true;
    self->arrived_changed_.wake_all();
  });
}

std::string pipe::take(std::size_t most) {
  const auto available = std::min(most, arrived_.size());
  NINE_ASSERT(available > 0);
  const auto size = random_.chance(0.8) ? available : 1 + random_.below(available);
  auto taken = arrived_.substr(0, size);
  arrived_.erase(0, size);
  space_changed_.wake_all();
  return taken;
}

void pipe::end_reading() {
  reader_gone_ = true;
  arrived_.clear();
  arrived_changed_.wake_all();
  space_changed_.wake_all();
}

void pipe::break_off() {
  broken_ = true;
  arrived_.clear();
  arrived_changed_.wake_all();
  space_changed_.wake_all();
}

/// On the wire's own lane: what was sent arrives although its sender has died since.
void pipe::deliver_later(job arrival) {
  const auto soonest = std::max(last_arrival_, scheduler_.now());
  last_arrival_ = soonest + random_.between(1us, faults_.wire_delay_most);
  scheduler_.run_at(wire_, last_arrival_, std::move(arrival));
}

}  // namespace nine::simulation
