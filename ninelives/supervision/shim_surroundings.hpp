#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>
#include <vector>

#include "ninelives/environment/environment.hpp"
#include "ninelives/supervision/agent_supervisor.hpp"
#include "ninelives/supervision/core_fence.hpp"
#include "ninelives/supervision/coroutine_scope.hpp"
#include "ninelives/supervision/process_survey.hpp"
#include "ninelives/supervision/shim/protocol.hpp"

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
        scope(std::move(where)),
        survey(std::make_shared<process_survey>(options.look_at_processes, marks_of_home(), worker,
                                                scope)) {}

  boost::asio::any_io_executor executor;
  environment::bundle environment;
  environment::worker& worker;
  agent_supervisor_options options;
  core_fence fence;
  coroutine_scope scope;
  std::shared_ptr<process_survey> survey;

  monotonic_time now() const { return environment.clock.now(); }

 private:
  /// How the marks of this home's shims and agents begin; see shim_directory.
  std::vector<std::string> marks_of_home() const {
    const auto shims = '=' + options.shims.string() + '/';
    return {std::string(shim::shim_marker) + shims, std::string(shim::agent_marker) + shims};
  }
};

}  // namespace nine::supervision
