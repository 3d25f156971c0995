#pragma once

#include "ninelives/environment/processes.hpp"

namespace nine::simulation {

class machine;
struct process_record;

/// A process's view of the process table of its machine.
class simulated_processes final : public environment::processes {
 public:
  simulated_processes(machine& host, process_record& self) : host_(host), self_(self) {}

  environment::process_identity self() override;
  result<environment::process_identity> spawn(
      const environment::process_specification& specification) override;
  result<environment::process_identity> identify(std::int32_t pid) override;
  environment::liveness probe(const environment::process_identity& process) override;
  result<void> signal(const environment::process_identity& process, int signal_number) override;
  boost::asio::awaitable<environment::exit_status> wait(
      const environment::process_identity& process) override;
  result<std::vector<environment::process_identity>> find_marked(std::string_view marker) override;
  result<void> adopt_orphans() override { return {}; }

 private:
  machine& host_;
  process_record& self_;
};

}  // namespace nine::simulation
