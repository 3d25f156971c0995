#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "ninelives/environment/environment.hpp"
#include "ninelives/supervision/agent_supervisor.hpp"
#include "ninelives/supervision/core_fence.hpp"
#include "ninelives/supervision/coroutine_scope.hpp"

namespace nine::supervision {

/// What all children of an agent_supervisor share. Owned together by everything that runs for them,
/// so that a coroutine that ends late still finds it; the seams themselves are used by none after
/// `scope` was cancelled.
struct shim_surroundings {
  shim_surroundings(boost::asio::any_io_executor where, environment::bundle seams,
                    environment::worker& blocking, agent_supervisor_options chosen)
      : executor(where),
        environment(seams),
        worker(blocking),
        options(std::move(chosen)),
        fence(environment.files, options.core_epoch_file, options.core),
        scope(std::move(where)) {}

  boost::asio::any_io_executor executor;
  environment::bundle environment;
  environment::worker& worker;
  agent_supervisor_options options;
  core_fence fence;
  coroutine_scope scope;

  monotonic_time now() const { return environment.clock.now(); }
};

}  // namespace nine::supervision
