#include "simulation/scheduler/random_stream.hpp"

#include "ninelives/base/assert.hpp"
#include "ninelives/base/stable_hash.hpp"

namespace nine::simulation {
namespace {

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

}  // namespace

std::uint64_t random_stream::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  return mixed(state_);
}

std::uint64_t random_stream::below(std::uint64_t bound) {
  NINE_ASSERT(bound > 0);
  return next() % bound;
}

duration random_stream::between(duration least, duration most) {
  NINE_ASSERT(least <= most);
  const auto span = static_cast<std::uint64_t>((most - least).count()) + 1;
  return least + duration(static_cast<duration::rep>(below(span)));
}

bool random_stream::chance(double probability) {
  if (probability <= 0) return false;
  return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
}

random_stream random_stream::fork(std::string_view label) const {
  return fork(label, 0);
}

random_stream random_stream::fork(std::string_view label, std::uint64_t number) const {
  stable_hash mark;
  mark.add(label);
  mark.add(std::uint64_t{label.size()});
  mark.add(number);
  return random_stream(mixed(seed_ ^ mark.value()));
}

}  // namespace nine::simulation
