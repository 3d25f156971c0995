#pragma once

#include "ninelives/environment/environment.hpp"
#include "ninelives/environment/faulty/faulty_files.hpp"
#include "ninelives/environment/faulty/faulty_network.hpp"
#include "simulation/environment/simulated_random.hpp"

namespace nine::simulation {

/// How often what goes wrong with what the processes of a scenario get from outside; a scenario may
/// change it at any time.
struct seam_faults {
  environment::fault_rates files;
  environment::fault_rates network;
};

/// The seams of one process, with faults added to its files and to the connections it makes.
class faulty_seams {
 public:
  faulty_seams(environment::bundle sound, const seam_faults& faults)
      : sound_(sound),
        chance_(random_stream(sound.random.next())),
        files_(sound.files, chance_, faults.files),
        network_(sound.network, sound.clock, chance_, faults.network) {}

  environment::bundle bundle() {
    return {sound_.clock, sound_.random, files_, network_, sound_.processes};
  }

 private:
  environment::bundle sound_;
  simulated_random chance_;
  environment::faulty_files files_;
  environment::faulty_network network_;
};

}  // namespace nine::simulation
