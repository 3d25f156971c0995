#pragma once

#include <deque>
#include <map>
#include <string>

#include "ninelives/base/time.hpp"
#include "simulation/checkers/checker.hpp"

namespace nine::simulation {

/// Within the life of a core no child of a shim starts more often in a period than its intensity
/// allows; under all cores of a home, only once more for each of them: what ended with the machine,
/// or with the core that judged it, is no crash. One that has ended well was not restarted when it
/// runs again, for its output was lost.
class restart_intensity_kept final : public checker {
 public:
  restart_intensity_kept(std::size_t restarts, duration period)
      : restarts_(restarts), period_(period) {}
  void process_started(world& stage, const process_record& born) override;
  void process_ended(world& stage, const process_record& gone) override;

 private:
  void forget_old(std::deque<monotonic_time>& times, monotonic_time now);

  std::size_t restarts_;
  duration period_;
  std::map<std::string, std::deque<monotonic_time>> starts_;  ///< by child
  std::map<std::string, std::deque<monotonic_time>> starts_by_this_core_;
  std::deque<monotonic_time> core_starts_;
};

}  // namespace nine::simulation
