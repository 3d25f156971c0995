#include "simulation/machine/simulated_processes.hpp"

#include "simulation/machine/machine.hpp"

namespace nine::simulation {

using environment::process_identity;

process_identity simulated_processes::self() {
  return self_.identity;
}

result<process_identity> simulated_processes::spawn(
    const environment::process_specification& specification) {
  NINE_TRY_ASSIGN(process_record * child, host_.spawn(specification, &self_));
  return child->identity;
}

result<process_identity> simulated_processes::identify(std::int32_t pid) {
  const auto* found = host_.find(pid);
  if (found == nullptr) return fail(error_code::not_found, "no such process");
  if (host_.draw_unknown()) return fail(error_code::io_error, "read /proc: Input/output error");
  return found->identity;
}

environment::liveness simulated_processes::probe(const process_identity& process) {
  if (host_.draw_unknown()) return environment::liveness::unknown;
  return host_.find(process) ? environment::liveness::alive : environment::liveness::gone;
}

result<void> simulated_processes::signal(const process_identity& process, int signal_number) {
  auto* target = host_.find(process);
  if (target == nullptr) return fail(error_code::not_found, "signal: No such process");
  host_.signal(*target, signal_number);
  return {};
}

boost::asio::awaitable<environment::exit_status> simulated_processes::wait(
    const process_identity& process) {
  const auto wanted = process;
  lane& mine = *self_.process;
  const auto* target = host_.find_ever(wanted);
  while (target != nullptr && !target->gone) {
    co_await host_.find_ever(wanted)->ended.wait(mine);
  }
  if (target == nullptr || target->parent_key != self_.process->name()) {
    co_return environment::exit_status{};
  }
  co_return target->exit;
}

result<std::vector<process_identity>> simulated_processes::find_marked(std::string_view marker) {
  if (host_.draw_unknown()) return fail(error_code::io_error, "read /proc: Input/output error");
  std::vector<process_identity> found;
  for (const auto* each : host_.alive()) {
    if (each->has_variable(marker)) found.push_back(each->identity);
  }
  return found;
}

}  // namespace nine::simulation
