#include "simulation/machine/process_context.hpp"

#include "simulation/machine/machine.hpp"

namespace nine::simulation {

process_context::process_context(machine& host, process_record& record, random_stream random)
    : host_(host),
      record_(record),
      lane_(*record.process),
      seed_(random),
      clock_(host.owner(), host.time(), lane_),
      random_(random.fork("random")),
      files_(host.disk()),
      network_(host.board(), clock_, {record.identity.pid, lane_}),
      processes_(host, record),
      locks_(host.lock_files(), record.identity.pid),
      notifications_(host.notification_paths(), {record.identity.pid, lane_}) {}

const environment::process_identity& process_context::self() const {
  return record_.identity;
}

const std::vector<std::string>& process_context::arguments() const {
  return record_.specification.arguments;
}

std::string process_context::variable(std::string_view name) const {
  return record_.variable(name);
}

environment::bundle process_context::bundle() {
  return {clock_, random_, files_, network_, processes_};
}

simulated_termination& process_context::termination() {
  if (!termination_) termination_.emplace(lane_);
  return *termination_;
}

void process_context::write_output(std::string_view text) {
  const auto& file = record_.specification.log;
  if (file.empty() || text.empty()) return;
  if (!host_.disk().append(file, text)) record_.output_lost += text.size();
}

std::unique_ptr<environment::worker> process_context::make_worker() {
  return std::make_unique<simulated_worker>(host_.owner(), lane_, seed_.fork("worker", ++workers_),
                                            host_.plan());
}

}  // namespace nine::simulation
