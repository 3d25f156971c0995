#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "ninelives/configuration/problem.hpp"
#include "ninelives/configuration/settings.hpp"

namespace nine::configuration {

enum class layer_kind {
  built_in,
  home,     ///< of the user
  project,  ///< cannot set what concerns the whole home (limits, supervision, watchdog, journal,
            ///< log)
};

/// One file's text. Who finds and reads the files is no concern of this module.
struct layer {
  layer_kind kind = layer_kind::project;
  std::string name;  ///< as it shall stand in messages: the file's path, or "(built in)"
  std::string text;
};

/// Puts the layers together, the first the weakest: a definition (agent, model, task type) replaces
/// the one of its name whole; of the other sections a layer changes the keys it sets. All or
/// nothing: with any problem in any layer there are only the problems, at most
/// problem_list::problems_most of each file. Accepts any bytes; pure; thread: any.
std::expected<settings, std::vector<problem>> load(std::span<const layer> layers);

}  // namespace nine::configuration
