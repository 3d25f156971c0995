#include "simulation/machine/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <exception>

#include "ninelives/base/assert.hpp"

namespace nine::simulation {
namespace {

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string message_of(const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const std::exception& caught) {
    return caught.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

}  // namespace

bool process_record::has_variable(std::string_view marker) const {
  return std::ranges::find(specification.environment, marker) != specification.environment.end();
}

std::string process_record::variable(std::string_view variable_name) const {
  for (const auto& each : specification.environment) {
    const bool named = each.starts_with(variable_name) &&
                       std::string_view(each).substr(variable_name.size()).starts_with('=');
    if (named) return each.substr(variable_name.size() + 1);
  }
  return {};
}

bool program::handle_signal(int signal_number) {
  if (signal_number != SIGTERM && signal_number != SIGINT) return false;
  if (!context_.hears_termination()) return false;
  context_.termination().request();
  return true;
}

machine::machine(scheduler& owner, std::uint64_t seed, const program_registry& programs,
                 machine_observer& observer)
    : scheduler_(owner),
      programs_(programs),
      observer_(observer),
      random_(random_stream(seed).fork("machine")),
      time_(owner),
      wire_(owner.make_lane("wire")),
      disk_(random_.fork("disk"), faults_, [this] { return time_.wall_now(); }),
      board_(owner, wire_, random_.fork("network"), faults_, disk_),
      locks_(disk_),
      notifications_(disk_) {}

machine::~machine() {
  for (auto* each : alive())
    kill(*each);
  scheduler_.kill(wire_);
}

const program_factory* machine::find_program(const std::string& path) const {
  auto found = programs_.find(path);
  if (found == programs_.end()) found = programs_.find(last_part(path));
  return found == programs_.end() ? nullptr : &found->second;
}

result<process_record*> machine::spawn(const environment::process_specification& specification,
                                       process_record* parent) {
  NINE_ASSERT(!specification.arguments.empty());
  const auto& path = specification.arguments[0];
  const auto* factory = find_program(path);
  if (factory == nullptr) {
    return fail(error_code::not_found, fmt::format("start '{}': No such file or directory", path));
  }
  if (random_.chance(faults_.spawn_failure)) {
    return fail(error_code::resource_exhausted,
                fmt::format("start '{}': Resource temporarily unavailable", path));
  }
  for (const auto& handed : specification.listeners) {
    const auto* mine = dynamic_cast<simulated_listener*>(handed.socket);
    if (mine == nullptr || mine->closed()) {
      return fail(error_code::invalid_argument, "listener " + handed.name + " is not open");
    }
  }
  NINE_TRY_ASSIGN(const auto pid, draw_pid());
  auto record = std::make_unique<process_record>();
  auto& born = *record;
  born.identity.pid = pid;
  born.identity.start_time = static_cast<std::uint64_t>(time_.now().time_since_epoch() / 10ms);
  born.identity.boot_id = fmt::format("boot-{}", boots_);
  born.parent = parent ? parent->identity.pid : 1;
  born.parent_key = parent ? parent->process->name() : "init";
  born.specification = specification;
  born.name = last_part(path);
  born.process = &scheduler_.make_lane(fmt::format("{}#{}", born.name, records_.size()));
  by_pid_[pid] = &born;
  records_.push_back(std::move(record));
  start(born, *factory);
  hand_over(specification, born);
  return &born;
}

/// Upwards and round again, as the kernel does it.
result<std::int32_t> machine::draw_pid() {
  for (std::int32_t tried = pid_first; tried <= pid_last; ++tried) {
    last_pid_ = last_pid_ >= pid_last ? pid_first : last_pid_ + 1;
    if (!by_pid_.contains(last_pid_)) return last_pid_;
  }
  return fail(error_code::resource_exhausted, "start: no free process id");
}

void machine::hand_over(const environment::process_specification& specification,
                        process_record& child) {
  for (const auto& handed : specification.listeners) {
    auto* mine = dynamic_cast<simulated_listener*>(handed.socket);
    NINE_ASSERT(mine != nullptr);
    child.context->network().inherit(handed.name, mine->socket());
  }
  child.specification.listeners.clear();
}

void machine::start(process_record& born, const program_factory& factory) {
  born.context =
      std::make_unique<process_context>(*this, born, random_.fork("process", records_.size()));
  scheduler_.set_at_reap(*born.process, [this, &born] { reap(born); });
  observer_.process_started(born);
  const auto first_instruction = scheduler_.now() + random_.between(100us, faults_.exec_time_most);
  scheduler_.run_at(*born.process, first_instruction, [this, &born, &factory] {
    if (born.ending) return;
    born.running = factory(*born.context);
    run(born);
  });
}

void machine::run(process_record& record) {
  boost::asio::co_spawn(record.process->executor(), record.running->run(),
                        [this, &record](std::exception_ptr problem, int code) {
                          if (record.ending) return;
                          if (problem) {
                            observer_.defect(record, message_of(problem));
                            exit(record, environment::exit_status::signalled(SIGABRT));
                          } else {
                            exit(record, environment::exit_status::exited(code));
                          }
                        });
}

void machine::kill(process_record& victim) {
  end(victim, environment::exit_status::signalled(SIGKILL));
}

void machine::exit(process_record& leaving, environment::exit_status status) {
  end(leaving, status);
}

void machine::end(process_record& record, environment::exit_status status) {
  if (record.ending) return;
  record.ending = status;
  scheduler_.thaw(*record.process);
  scheduler_.kill(*record.process);
}

void machine::signal(process_record& target, int signal_number) {
  if (target.ending || signal_number == 0) return;
  observer_.happened(
      fmt::format("signal {} to {} (pid {})", signal_number, target.name, target.identity.pid));
  if (signal_number == SIGKILL) {
    kill(target);
  } else if (signal_number == SIGSTOP) {
    scheduler_.freeze(*target.process);
  } else if (signal_number == SIGCONT) {
    target.continued_at = scheduler_.now();
    scheduler_.thaw(*target.process);
  } else {
    scheduler_.enqueue(*target.process,
                       [this, &target, signal_number] { deliver(target, signal_number); });
  }
}

void machine::deliver(process_record& target, int signal_number) {
  if (target.ending || (target.running && target.running->handle_signal(signal_number))) return;
  end(target, environment::exit_status::signalled(signal_number));
}

/// The order matters: the kernel closes what was open, then the coroutines go, then the objects
/// they refer to.
void machine::reap(process_record& record) {
  const int pid = record.identity.pid;
  board_.process_gone(pid);
  locks_.process_gone(pid);
  notifications_.process_gone(pid);
  scheduler_.drop(*record.process);
  record.running.reset();
  scheduler_.drop(*record.process);
  record.context.reset();
  scheduler_.drop(*record.process);
  record.exit = record.ending.value_or(environment::exit_status{});
  record.gone = true;
  by_pid_.erase(pid);
  observer_.process_ended(record);
  record.ended.wake_all();
}

void machine::reboot() {
  observer_.happened("machine loses power");
  for (auto* each : alive())
    kill(*each);
  NINE_ASSERT(by_pid_.empty());
  disk_.crash();
  time_.reboot();
  ++boots_;
  last_pid_ = pid_first - 1;
}

process_record* machine::find(std::int32_t pid) {
  const auto found = by_pid_.find(pid);
  return found == by_pid_.end() ? nullptr : found->second;
}

process_record* machine::find(const environment::process_identity& identity) {
  auto* found = find(identity.pid);
  return found != nullptr && found->identity == identity ? found : nullptr;
}

process_record* machine::find_ever(const environment::process_identity& identity) {
  for (auto each = records_.rbegin(); each != records_.rend(); ++each) {
    if ((*each)->identity == identity) return each->get();
  }
  return nullptr;
}

const process_record* machine::find_ever(const environment::process_identity& identity) const {
  return const_cast<machine*>(this)->find_ever(identity);
}

std::vector<process_record*> machine::alive() {
  std::vector<process_record*> found;
  for (auto& each : records_) {
    if (!each->gone) found.push_back(each.get());
  }
  return found;
}

std::vector<process_record*> machine::alive(std::string_view program_name) {
  auto found = alive();
  std::erase_if(found, [&](const auto* each) { return each->name != program_name; });
  return found;
}

}  // namespace nine::simulation
