#include "simulation/shim/simulated_shim.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>

#include "ninelives/supervision/shim/core_epoch_record.hpp"
#include "ninelives/supervision/shim/ending_record.hpp"
#include "simulation/machine/machine.hpp"

namespace nine::simulation {

namespace shim = supervision::shim;

constexpr const char* endings_file = "exit";  // in the shim's directory; see shim_directory

simulated_shim::simulated_shim(process_context& context)
    : program(context),
      directory_(context.arguments().at(1)),
      core_least_(std::stoll(context.arguments().at(2))) {}

boost::asio::awaitable<int> simulated_shim::run() {
  auto inherited = context_.network().take_inherited(shim::listener_name);
  if (!inherited || !made_by_newest_core()) co_return 1;
  listener_ = *std::move(inherited);
  shim::shim_settings settings;
  settings.self = context_.self();
  settings.core_least = core_least_;
  settings.jitter = context_.random().next_unit();
  core_.emplace(settings, context_.clock().now());
  arm();
  boost::asio::co_spawn(context_.executor(), accept_for_ever(), boost::asio::detached);
  while (!finished_) {
    co_await end_.wait();
  }
  co_return 0;
}

/// As the real one does, without the faults of reading.
bool simulated_shim::made_by_newest_core() {
  const environment::path home = context_.variable("NINE_HOME");
  const auto text = context_.host().disk().content(home / shim::core_epoch_file);
  const auto on_record = shim::parse_core_epoch(text);
  return !on_record || shim::check_core_epoch(core_least_, *on_record);
}

bool simulated_shim::handle_signal(int signal_number) {
  if (signal_number != SIGTERM || !core_) return false;
  feed(shim::terminate_requested{});
  return true;
}

/// Inputs that come up while actions are being performed wait for their turn.
void simulated_shim::feed(shim::shim_input input) {
  inputs_.push_back(std::move(input));
  if (std::exchange(feeding_, true)) return;
  while (!inputs_.empty() && !finished_) {
    auto next = std::move(inputs_.front());
    inputs_.pop_front();
    for (auto& action : core_->handle(std::move(next), context_.clock().now())) {
      std::visit([this](auto& each) { perform(std::move(each)); }, action);
    }
  }
  feeding_ = false;
  arm();
}

void simulated_shim::arm() {
  auto& owner = context_.host().owner();
  if (timer_) owner.cancel(*timer_);
  timer_.reset();
  const auto deadline = core_->next_deadline();
  if (!deadline || finished_) return;
  timer_ = owner.run_at(context_.process_lane(), context_.host().time().scheduled(*deadline),
                        [this] { feed(shim::time_passed{}); });
}

void simulated_shim::perform(shim::spawn_agent action) {
  environment::process_specification agent;
  agent.arguments = std::move(action.request.arguments);
  agent.environment = std::move(action.request.environment);
  agent.directory = action.request.directory;
  agent.log = output_ = action.request.stdout_file;
  const auto incarnation = action.request.incarnation;
  const auto spawned = context_.processes().spawn(agent);
  if (!spawned) {
    const int number = spawned.error().code == error_code::not_found ? ENOENT : EAGAIN;
    return feed(shim::agent_spawn_failed{incarnation, number, spawned.error().message});
  }
  agent_ = *spawned;
  boost::asio::co_spawn(context_.executor(), watch_agent(incarnation, agent_),
                        boost::asio::detached);
  feed(shim::agent_spawned{incarnation, agent_, ""});
}

boost::asio::awaitable<void> simulated_shim::watch_agent(epoch incarnation,
                                                         environment::process_identity agent) {
  const auto exit = co_await context_.processes().wait(agent);
  feed(shim::main_exited{incarnation, exit});
  while (true) {
    const auto left = tree();
    if (left.empty()) break;
    const auto next = left.front()->identity;
    co_await context_.processes().wait(next);
  }
  feed(shim::tree_gone{incarnation});
}

/// As a subreaper knows its descendants.
std::vector<process_record*> simulated_shim::tree() {
  const auto marker = std::string(shim::agent_marker) + "=" + directory_.string();
  auto found = context_.host().alive();
  std::erase_if(found, [&](const auto* each) { return !each->has_variable(marker); });
  return found;
}

void simulated_shim::perform(const shim::signal_agent& action) {
  std::ignore = context_.processes().signal(agent_, action.signal_number);
}

void simulated_shim::perform(const shim::kill_tree&) {
  for (auto* each : tree())
    context_.host().signal(*each, SIGKILL);
}

void simulated_shim::perform(const shim::drain_output& action) {
  const auto told = context_.files().information(output_);
  const auto* agent = context_.host().find_ever(agent_);
  feed(shim::output_drained{action.incarnation, told ? told->size : 0,
                            agent != nullptr ? agent->output_lost : 0});
}

void simulated_shim::perform(const shim::persist_ending& action) {
  std::ignore =
      context_.host().disk().append(directory_ / endings_file, shim::format_ending(action.ending));
}

void simulated_shim::perform(const shim::forget_endings&) {
  std::ignore = context_.files().remove(directory_ / endings_file);
}

bool simulated_shim::guard_is_wanted() {
  const environment::path home = context_.variable("NINE_HOME");
  auto& disk = context_.host().disk();
  if (home.empty() || context_.variable("NINE_GUARD_PROGRAM").empty()) return false;
  if (!disk.exists(home) || disk.exists(home / "stopped")) return false;
  if (disk.exists(home / "run/guard.stopped")) return false;
  return !context_.locks().holder(home / "run/guard.lock");
}

void simulated_shim::perform(const shim::start_guard&) {
  if (!guard_is_wanted()) return;
  environment::process_specification guard;
  guard.arguments = {context_.variable("NINE_GUARD_PROGRAM"), "guard"};
  guard.environment = {"NINE_HOME=" + context_.variable("NINE_HOME")};
  std::ignore = context_.processes().spawn(guard);
}

void simulated_shim::perform(const shim::send_event& action) {
  const auto link = links_.find(action.connection);
  if (link == links_.end()) return;
  link->second->send(context_.executor(), shim::encode(action.message));
}

void simulated_shim::perform(const shim::close_connection& action) {
  const auto link = links_.find(action.connection);
  if (link != links_.end()) link->second->close_when_sent();
}

void simulated_shim::perform(const shim::finish&) {
  std::ignore = context_.host().disk().remove(directory_ / shim::socket_file);
  finished_ = true;
  end_.notify_all();
}

boost::asio::awaitable<void> simulated_shim::accept_for_ever() {
  while (true) {
    auto accepted = co_await listener_->accept();
    if (!accepted) co_return;
    const auto id = ++last_link_;
    auto link = std::make_shared<shim_link>(
        *std::move(accepted), id, [this](shim::shim_input input) { feed(std::move(input)); });
    links_[id] = link;
    feed(shim::connection_opened{id});
    boost::asio::co_spawn(context_.executor(), serve(id, std::move(link)), boost::asio::detached);
  }
}

boost::asio::awaitable<void> simulated_shim::serve(connection_id id,
                                                   std::shared_ptr<shim_link> link) {
  co_await link->read();
  links_.erase(id);
}

program_factory simulated_shims() {
  return [](process_context& context) { return std::make_unique<simulated_shim>(context); };
}

}  // namespace nine::simulation
