#include "ninelives/supervision/guard/guard_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/home/removed_home.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/supervision/guard/handover.hpp"

namespace nine::supervision::guard {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;
using environment::process_identity;

constexpr duration wait_after_failed_receive = 1s;
constexpr bytes boot_id_bytes_most = 100;

/// There while the guard was ended on purpose: no shim starts another (shim_driver.cpp). A command
/// does, for that is a wish to work.
std::filesystem::path stopped_mark(const home::home_layout& layout) {
  return layout.run_directory() / "guard.stopped";
}

/// In which boot a guard bound sockets of its own.
std::filesystem::path bound_mark(const home::home_layout& layout) {
  return layout.run_directory() / "sockets.bound";
}

/// Of notifications that are read in one go; more wait for the next pass.
constexpr int notifications_at_once = 1000;

guard_core_options core_options(const guard_options& options) {
  guard_core_options made;
  for (const auto& service : options.services)
    made.services.push_back(service.specification);
  made.check_interval = options.check_interval;
  // systemd advises to notify every half of the watchdog's time.
  if (options.watchdog > duration::zero()) {
    made.check_interval = std::min(made.check_interval, options.watchdog / 2);
  }
  return made;
}

result<std::unique_ptr<environment::listener>> inherited(environment::network& network,
                                                         std::string_view name) {
  auto taken = network.take_inherited(name);
  if (!taken && taken.error().code == error_code::not_found) return nullptr;
  return taken;
}

}  // namespace

guard_driver::guard_driver(guard_options options, guard_seams seams)
    : options_(std::move(options)), seams_(seams), core_(core_options(options_)) {}

asio::awaitable<int> guard_driver::run() {
  executor_ = co_await asio::this_coro::executor;
  const bool wanted = co_await wait_for_home();
  if (!wanted) co_return exit_stopped;
  if (const auto taken = take_home(); !taken) {
    options_.log.error("guard_cannot_start",
                       fmt::format("the guard cannot start: {}", taken.error().message));
    co_return exit_failed;
  }
  if (stopped_home()) co_return exit_stopped;
  feed(begin{});
  if (init_system_) std::ignore = init_system_->notify("READY=1");  // the sockets are bound now
  co_await (keep_time() || hear_notifications() || hear_termination());
  notifications_->close();
  if (sockets_lost_) co_return exit_failed;
  if (home::find_refusal(seams_.files, options_.layout)) co_return exit_refused;
  options_.log.info("guard_stopped", "stopped");
  co_return exit_stopped;
}

/// A guard of an init system waits for the end of another, which a shim or a client started while
/// the init system had none; for if it failed instead, the home would not come back to it. False:
/// it is to end before it had the home.
asio::awaitable<bool> guard_driver::wait_for_home() {
  if (options_.notify_address.empty()) co_return true;
  auto connected = seams_.notifications.connect(options_.notify_address);
  if (connected) init_system_ = *std::move(connected);
  bool told = false;
  for (;;) {
    const auto holder = seams_.locks.holder(options_.layout.guard_lock());
    if (!holder || !init_system_) co_return true;
    if (stopped_home()) co_return false;
    if (!std::exchange(told, true)) {
      const auto why = fmt::format("process {} guards the home; waiting for its end", holder->pid);
      options_.log.warning("guard_waits", why);
      std::ignore = init_system_->notify("READY=1\nSTATUS=" + why);
    }
    tell_init_system();
    auto pause = seams_.clock.sleep_for(options_.check_interval);
    auto asked = seams_.termination.requested();
    auto either = std::move(pause) || std::move(asked);
    const auto first = co_await std::move(either);
    if (first.index() == 1) co_return false;
  }
}

result<void> guard_driver::take_home() {
  self_ = seams_.processes.self();
  NINE_TRY(home::prepare_home(seams_.files, options_.layout));
  NINE_TRY_ASSIGN(lock_, seams_.locks.try_lock(options_.layout.guard_lock(), self_));
  std::ignore = seams_.files.remove(stopped_mark(options_.layout));
  home::clear_refusal(seams_.files, options_.layout);
  NINE_TRY_ASSIGN(home_key_, home::ensure_home_key(seams_.files, seams_.random, options_.layout));
  // Who made it may have died, or failed, before it was on the disk for good; with it would be lost
  // what is sealed with it.
  std::ignore = seams_.files.write_durably(options_.layout.home_key(), home_key_);
  NINE_TRY(seams_.processes.adopt_orphans());
  NINE_TRY(take_sockets());
  return open_notifications();
}

result<void> guard_driver::take_sockets() {
  NINE_TRY_ASSIGN(control_, inherited(seams_.network, control_socket_name));
  NINE_TRY_ASSIGN(agent_, inherited(seams_.network, agent_socket_name));
  if (!handed_sockets_are_old() && sockets_stand()) return {};
  control_.reset();  // nobody can find them; new ones are bound for the next core
  agent_.reset();
  return {};
}

/// An init system hands over for ever what it bound once. A guard that had none of it bound others
/// in their place, and says so in a file; a core that starts a guard hands over the present ones.
bool guard_driver::handed_sockets_are_old() {
  if (!init_system_ || !options_.adopt_core.empty()) return false;
  const auto boot = seams_.files.read(bound_mark(options_.layout), boot_id_bytes_most);
  return boot && *boot == self_.boot_id;
}

bool guard_driver::sockets_stand() {
  return stands(options_.layout.control_socket()) && stands(options_.layout.agent_socket());
}

/// Whether clients find where they look what they found there before. What cannot be known counts
/// as there.
bool guard_driver::stands(const std::filesystem::path& socket) {
  const auto found = seams_.files.information(socket);
  if (!found) return found.error().code != error_code::not_found;
  return sockets_made_.try_emplace(socket, found->modified).first->second == found->modified;
}

result<void> guard_driver::open_notifications() {
  NINE_TRY_ASSIGN(notifications_, seams_.notifications.listen(options_.layout.notify_socket()));
  if (options_.notify_address.empty() || init_system_) return {};
  NINE_TRY_ASSIGN(init_system_, seams_.notifications.connect(options_.notify_address));
  return {};
}

/// A home whose tombstone cannot be looked for counts as not stopped: a broken disk must not take
/// down what runs.
bool guard_driver::stopped_home() {
  const auto stone = home::find_tombstone(seams_.files, options_.layout);
  if (!stone) options_.log.error("tombstone_unreadable", stone.error().message);
  if (!stone || !home::rests(*stone)) return false;
  options_.log.info("home_stopped", fmt::format("the home {} is stopped ({}); `nine up` starts it",
                                                options_.layout.root().native(), (*stone)->reason));
  return true;
}

/// The core said that starting it again is no use.
bool guard_driver::refused_home() {
  const auto refusal = home::find_refusal(seams_.files, options_.layout);
  if (refusal) {
    options_.log.error("home_refused", fmt::format("the core refused the home: {}", *refusal));
  }
  return refusal.has_value();
}

bool guard_driver::removed_home() {
  return home::is_removed(seams_.files, options_.layout, home_key_);
}

asio::awaitable<void> guard_driver::keep_time() {
  while (!core_.finished()) {
    const auto next = core_.next_wakeup();
    co_await (seams_.clock.sleep_until(next) || changed_.wait());
    hear_what_queued_up();
    if (seams_.clock.now() >= core_.next_wakeup()) feed(time_passed{});
    tell_init_system();
    if (!keep_sockets()) co_return;
  }
}

/// Somebody cleared them away, and with them most likely all else that stood there: lock and
/// notification socket. This guard ends, as if it had crashed; the next one makes everything anew
/// and replaces the core. Where the sockets are a core's alone, that core is replaced at once.
bool guard_driver::keep_sockets() {
  if (removed_home()) {
    feed(stop_requested{"the home was removed"});
    return true;
  }
  const auto holder = seams_.locks.holder(options_.layout.guard_lock());
  if (holder && *holder != self_) {
    options_.log.error("guard_replaced", fmt::format("process {} guards the home now; the lock of "
                                                     "this guard was cleared away",
                                                     holder->pid));
    sockets_lost_ = true;
    return false;
  }
  const bool bound = control_ != nullptr;
  const bool heard = stands(options_.layout.notify_socket());
  const bool reached = (!bound && !serves_alone_) || sockets_stand();
  if (heard && reached) return true;
  if (heard && !bound) {
    feed(unreachable{*serves_alone_});
    return true;
  }
  give_way();
  options_.log.error("sockets_gone",
                     fmt::format("the sockets of the home are gone from {}; the next guard makes "
                                 "them anew",
                                 options_.layout.socket_directory().native()));
  sockets_lost_ = true;
  return false;
}

/// What others put in the place of our sockets would be taken for ours by the next guard.
void guard_driver::give_way() {
  for (const auto& socket : {options_.layout.control_socket(), options_.layout.agent_socket()})
    if (!stands(socket)) std::ignore = seams_.files.remove(socket);
}

asio::awaitable<void> guard_driver::hear_notifications() {
  while (true) {
    const auto got = co_await notifications_->receive();
    if (got) {
      feed(notified{got->sender_pid, environment::parse_notification(got->lines)});
      continue;
    }
    options_.log.error("notification_failed", got.error().message);
    co_await seams_.clock.sleep_for(wait_after_failed_receive);
  }
}

asio::awaitable<void> guard_driver::hear_termination() {
  while (true) {
    co_await seams_.termination.requested();
    if (init_system_) std::ignore = init_system_->notify("STOPPING=1");
    // Else the shims of the agents that go on would bring back in seconds what was stopped.
    std::ignore = seams_.files.write_durably(stopped_mark(options_.layout), "");
    feed(stop_requested{"a signal asked for it"});
  }
}

asio::awaitable<void> guard_driver::watch(std::shared_ptr<guard_driver> self, service_index service,
                                          process_identity process) {
  const auto status = co_await self->seams_.processes.wait(process);
  const bool home_stopped = self->stopped_home() || self->refused_home() || self->removed_home();
  self->feed(ended{service, process, status, home_stopped});
}

/// Actions answer with events of their own; those queue up behind the present one.
void guard_driver::feed(guard_event event) {
  events_.push_back(std::move(event));
  if (std::exchange(feeding_, true)) return;
  while (!events_.empty()) {
    const auto next = std::move(events_.front());
    events_.pop_front();
    const auto actions = core_.step(next, seams_.clock.now(), seams_.random.next_unit());
    for (const auto& action : actions) {
      std::visit([this](const auto& specific) { perform(specific); }, action);
    }
  }
  feeding_ = false;
  changed_.notify_all();
}

void guard_driver::perform(const spawn_service& action) {
  const auto service = action.service;
  if (stopped_home()) return feed(stop_requested{"the home is stopped"});
  if (removed_home()) return feed(stop_requested{"the home was removed"});
  const auto running = find_running(service);
  if (!running) return feed(spawn_failed{service, running.error().message});
  const auto process = *running ? result<process_identity>(**running) : spawn(service);
  if (!process) return feed(spawn_failed{service, process.error().message});
  const bool with_sockets = options_.services[service].takes_sockets;
  if (with_sockets) serves_alone_.reset();
  if (*running) {
    feed(adopted{service, *process});
    if (with_sockets && !control_) serves_alone_ = service;
  } else {
    feed(spawned{service, *process});
  }
  watch_process(service, *process);
}

void guard_driver::perform(const signal_service& action) {
  const auto sent = seams_.processes.signal(action.process, action.signal_number);
  if (!sent && sent.error().code != error_code::not_found) {
    options_.log.error("signal_failed", sent.error().message);
  }
}

void guard_driver::perform(const report& action) {
  const auto& service = action.service.empty() ? "guard" : action.service;
  options_.log.write(action.how, action.event, action.text, {{"service", service}});
  if (init_system_) std::ignore = init_system_->notify("STATUS=" + action.text);
}

result<std::optional<process_identity>> guard_driver::find_running(service_index service) {
  const auto& command = options_.services[service];
  if (command.takes_sockets && !options_.adopt_core.empty()) {
    const auto name = parse_process_name(std::exchange(options_.adopt_core, {}));
    if (!name) options_.log.error("core_unknown", name.error().message);
    if (name) {
      if (auto process = find_process(seams_.processes, *name)) return *process;
    }
  }
  auto holder = seams_.locks.holder(command.lock);
  if (holder) return *holder;
  if (holder.error().code == error_code::not_found) return std::nullopt;
  return std::unexpected(std::move(holder).error());
}

result<process_identity> guard_driver::spawn(service_index service) {
  const auto& command = options_.services[service];
  environment::process_specification specification;
  specification.arguments = command.arguments;
  specification.environment = environment_of(command);
  specification.log = command.log;
  if (command.takes_sockets) {
    NINE_TRY(bind_sockets());
    specification.listeners = {{std::string(control_socket_name), control_.get()},
                               {std::string(agent_socket_name), agent_.get()}};
  }
  return seams_.processes.spawn(specification);
}

result<void> guard_driver::bind_sockets() {
  const auto& layout = options_.layout;
  if (control_ && agent_) return {};
  sockets_made_.clear();
  std::ignore = seams_.files.write_durably(bound_mark(layout), self_.boot_id);
  if (!control_) {
    const environment::endpoint where = environment::unix_endpoint{layout.control_socket()};
    NINE_TRY_ASSIGN(control_, seams_.network.listen(where));
  }
  if (!agent_) {
    const environment::endpoint where = environment::unix_endpoint{layout.agent_socket()};
    NINE_TRY_ASSIGN(agent_, seams_.network.listen(where));
  }
  return {};
}

std::vector<std::string> guard_driver::environment_of(const service_command& command) const {
  const auto watchdog =
      std::chrono::duration_cast<std::chrono::microseconds>(command.specification.stale_after);
  std::vector<std::string> additions = {
      fmt::format("{}={}", home_variable, options_.layout.root().native()),
      fmt::format("NOTIFY_SOCKET={}", options_.layout.notify_socket().native()),
      fmt::format("WATCHDOG_USEC={}", watchdog.count())};
  if (!init_system_) {
    additions.push_back(fmt::format("{}={}", guard_variable, to_string(name_of(self_))));
  }
  return environment_for(command.environment, additions);
}

void guard_driver::watch_process(service_index service, const process_identity& process) {
  asio::co_spawn(executor_, watch(shared_from_this(), service, process), asio::detached);
}

void guard_driver::hear_what_queued_up() {
  for (int count = 0; count < notifications_at_once; ++count) {
    const auto got = notifications_->try_receive();
    if (!got) return;
    feed(notified{got->sender_pid, environment::parse_notification(got->lines)});
  }
}

void guard_driver::tell_init_system() {
  if (!init_system_ || options_.watchdog == duration::zero()) return;
  const auto now = seams_.clock.now();
  if (now - told_init_system_ < options_.watchdog / 4) return;
  told_init_system_ = now;
  std::ignore = init_system_->notify("WATCHDOG=1");
}

}  // namespace nine::supervision::guard
