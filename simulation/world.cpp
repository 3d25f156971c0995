#include "simulation/world.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ninelives/base/assert.hpp"

namespace nine::simulation {

world::world(std::uint64_t seed)
    : scheduler_(seed),
      random_(random_stream(seed).fork("scenario")),
      alarm_(scheduler_.make_lane("alarm")),
      machine_(scheduler_, seed, programs_, *this) {}

world::~world() {
  checkers_.clear();
}

process_record& world::start(std::vector<std::string> arguments,
                             std::vector<std::string> environment) {
  environment::process_specification specification;
  specification.arguments = std::move(arguments);
  specification.environment = std::move(environment);
  const double usual = std::exchange(machine_.plan().spawn_failure, 0);
  auto started = machine_.spawn(specification, nullptr);
  machine_.plan().spawn_failure = usual;
  NINE_ASSERT(started);
  return **started;
}

bool world::step() {
  if (failed() || !scheduler_.step()) return false;
  if (scheduler_.steps() > steps_most) fail("the world does not come to rest");
  return true;
}

void world::run_steps(std::uint64_t steps) {
  for (std::uint64_t done = 0; done < steps && step(); ++done) {
  }
}

void world::run_for(duration time) {
  run_until([] { return false; }, time);
}

bool world::run_until(const std::function<bool()>& done, duration limit) {
  const auto deadline = scheduler_.now() + limit;
  const auto alarm = scheduler_.run_at(alarm_, deadline, [] {});
  bool reached = done();
  while (!reached && scheduler_.now() < deadline && step())
    reached = done();
  scheduler_.cancel(alarm);
  return reached && !failed();
}

void world::note(std::string_view text) {
  history().event(now(), text);
}

void world::fail(std::string_view why) {
  note(fmt::format("FAILED: {}", why));
  if (failure_.empty()) failure_ = why;
}

void world::finish() {
  for (auto& each : checkers_)
    each->finished(*this);
}

void world::process_started(const process_record& process) {
  note(fmt::format("pid {} starts: {}", process.identity.pid,
                   fmt::join(process.specification.arguments, " ")));
  for (auto& each : checkers_)
    each->process_started(*this, process);
}

void world::process_ended(const process_record& process) {
  note(fmt::format("pid {} is gone: {}, {}", process.identity.pid, process.name,
                   environment::to_string(process.exit)));
  for (auto& each : checkers_)
    each->process_ended(*this, process);
}

void world::happened(const std::string& what) {
  note(what);
}

void world::defect(const process_record& process, const std::string& what) {
  fail(fmt::format("{} (pid {}) ended with an exception: {}", process.name, process.identity.pid,
                   what));
}

}  // namespace nine::simulation
