#pragma once

#include <span>
#include <string_view>

#include "simulation/world.hpp"

namespace nine::simulation {

/// One kind of story that the seed varies. `play` sets a world up, disturbs it, lets it come to
/// rest and says world::fail() when something is not as it must be. It draws from world::random()
/// only.
struct scenario {
  std::string_view name;
  std::string_view what;  ///< one line for people
  void (*play)(world& stage);
};

std::span<const scenario> all_scenarios();

}  // namespace nine::simulation
