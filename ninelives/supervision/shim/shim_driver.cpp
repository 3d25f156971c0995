#include "ninelives/supervision/shim/shim_driver.hpp"

#include <array>
#include <utility>

#include "ninelives/base/stable_hash.hpp"
#include "ninelives/environment/real/system/child_reaper.hpp"
#include "ninelives/environment/real/system/pipe.hpp"
#include "ninelives/environment/real/system/process_table.hpp"
#include "ninelives/environment/real/system/signals.hpp"
#include "ninelives/environment/real/system/small_file.hpp"
#include "ninelives/supervision/shim/core_epoch_record.hpp"
#include "ninelives/supervision/shim/ending_record.hpp"
#include "ninelives/supervision/shim/identity_record.hpp"

namespace nine::supervision::shim {

namespace system = environment::system;

namespace {

constexpr std::size_t unsent_bytes_most = MiB;  // a core that reads nothing loses its connection
constexpr std::size_t read_bytes_at_once = 16 * 1024;

/// A short name that is the same for the same directory: the next shim of the directory
/// finds the cgroup of one that was killed, and with it what that one's agent left behind.
std::string cgroup_name(const std::string& directory) {
  auto hash = stable_hash_of(directory);
  std::string name(cgroup_prefix);
  for (int digit = 0; digit < 16; ++digit, hash >>= 4)
    name += "0123456789abcdef"[hash & 15];
  return name;
}

std::string ending_file(const shim_options& options) {
  return options.directory + "/exit";
}

std::string agent_record(const shim_options& options) {
  return options.directory + "/" + std::string(agent_file);
}

/// Made by a core that was stopped, replaced and continued, a shim knows of no newer core: nobody
/// has said hello to it.
result<void> check_core_is_newest(const shim_options& options) {
  const auto record = options.home + "/" + core_epoch_file;
  if (options.home.empty() || !system::exists(record)) return {};
  NINE_TRY_ASSIGN(const auto text, system::read_file(record, core_epoch_bytes_most));
  NINE_TRY_ASSIGN(const auto on_record, parse_core_epoch(text));
  return check_core_epoch(options.core_least, on_record);
}

/// What a guard must not take over from a shim: the shim's own sockets and marker.
bool is_for_guard(const std::string& variable) {
  constexpr std::array<std::string_view, 6> own{
      "LISTEN_", "NINE_HOME=", "NINE_SHIM=", "NINE_CHILD=", "NOTIFY_SOCKET=", "WATCHDOG_"};
  for (const auto prefix : own) {
    if (variable.starts_with(prefix)) return false;
  }
  return true;
}

}  // namespace

result<std::unique_ptr<shim_driver>> shim_driver::create(shim_options options,
                                                         system::unix_listener listener) {
  NINE_TRY(check_core_is_newest(options));
  NINE_TRY(system::become_subreaper());
  NINE_TRY_ASSIGN(auto directory, system::held_directory::open(options.directory));
  NINE_TRY_ASSIGN(auto loop, system::event_loop::create());
  shim_settings settings;
  NINE_TRY_ASSIGN(settings.self, system::identify_self());
  settings.core_least = options.core_least;
  settings.jitter = system::random_unit();
  std::unique_ptr<shim_driver> driver(new shim_driver(std::move(options), std::move(settings),
                                                      std::move(directory), std::move(listener),
                                                      std::move(loop)));
  NINE_TRY(driver->begin());
  return driver;
}

shim_driver::shim_driver(shim_options options, shim_settings settings,
                         system::held_directory directory, system::unix_listener listener,
                         system::event_loop loop)
    : options_(std::move(options)),
      directory_(std::move(directory)),
      loop_(std::move(loop)),
      listener_(std::move(listener)),
      core_(std::move(settings), system::monotonic_now()),
      output_(loop_),
      endings_(ending_file(options_), 0) {}

result<void> shim_driver::begin() {
  NINE_TRY(
      loop_.watch_signals({system::signal_child, system::signal_terminate, system::signal_hangup,
                           system::signal_interrupt, system::signal_pipe},
                          [this](int number) { on_signal(number); }));
  NINE_TRY(loop_.watch(listener_.native_handle(), system::event_loop::readable,
                       [this] { on_connect(); }));
  renew_cgroup();
  return {};
}

void shim_driver::renew_cgroup() {
  cgroup_.reset();  // removes it: it is empty
  cgroup_used_up_ = false;
  memory_limit_ = 0;
  auto group = system::cgroup::create_below_own(cgroup_name(options_.directory));
  if (group) cgroup_.emplace(std::move(*group));
  tell_cgroup();
}

/// For those who clear up after a shim that was killed. Not told again when nothing has changed.
void shim_driver::tell_cgroup() {
  const auto path = cgroup_ ? cgroup_->path() : std::string();
  if (path == told_cgroup_) return;
  const auto file = options_.directory + "/" + std::string(cgroup_file);
  if (system::replace_file(file, path)) told_cgroup_ = path;
}

result<void> shim_driver::run() {
  while (!finished_) {
    const auto deadline = core_.next_deadline();
    if (deadline && system::monotonic_now() >= *deadline) {
      feed(time_passed{});
      continue;
    }
    NINE_TRY(loop_.run_once(deadline));
  }
  return {};
}

/// Inputs that come up while actions are performed wait for their turn.
void shim_driver::feed(shim_input input) {
  inputs_.push_back(std::move(input));
  if (std::exchange(feeding_, true)) return;
  while (!inputs_.empty()) {
    auto next = std::move(inputs_.front());
    inputs_.pop_front();
    for (auto& action : core_.handle(std::move(next), system::monotonic_now())) {
      std::visit([this](auto&& what) { perform(std::move(what)); }, std::move(action));
    }
  }
  feeding_ = false;
}

// --- the agent ---

void shim_driver::perform(spawn_agent&& what) {
  const auto incarnation = what.request.incarnation;
  auto born = start_agent(what.request);
  if (!born) {
    output_.close();
    return feed(agent_spawn_failed{incarnation, born.error().error_number,
                                   std::move(born.error().message)});
  }
  agent_ = born->pid;
  agent_in_cgroup_ = born->in_cgroup;
  tree_killed_before_ = false;
  output_.begin();
  const auto identity = identify(*born);
  feed(agent_spawned{incarnation, identity, agent_in_cgroup_ ? cgroup_->path() : ""});
  // Now that nobody waits: to make a file can take longer than to start a process.
  endings_.open();
  // Where there is a cgroup, it tells better what belongs to the agent, and costs nothing here.
  if (!agent_in_cgroup_)
    agent_recorded_ =
        system::replace_file(agent_record(options_), format_identity(identity)).has_value();
}

/// What was looked up below /proc costs as much again when the process ends, so the clock is asked
/// instead, once it has been right. The agent is not reaped before this returns, so /proc knows it
/// even if it has ended already.
environment::process_identity shim_driver::identify(const system::spawned_process& born) {
  if (clock_tells_start_time_ && born.start_time)
    return {born.pid, *born.start_time, system::boot_id()};
  const auto seen =
      system::identify(born.pid).value_or(environment::process_identity{born.pid, 0, {}});
  if (born.start_time) clock_tells_start_time_ = born.start_time == seen.start_time;
  return seen;
}

std::expected<system::spawned_process, system::spawn_failure> shim_driver::start_agent(
    const start& wanted) {
  const auto failed = [](error&& problem) {
    return std::unexpected(system::spawn_failure{0, std::move(problem.message)});
  };
  const auto stdin_file = wanted.stdin_file.empty() ? "/dev/null" : wanted.stdin_file;
  auto input = system::open_to_read(stdin_file);
  if (!input) return failed(std::move(input.error()));
  auto opened = output_.open(wanted.stdout_file, wanted.stderr_file, wanted.log_bytes_most);
  if (!opened) return failed(std::move(opened.error()));
  if (cgroup_used_up_) renew_cgroup();
  if (cgroup_) limit_memory(wanted.memory_bytes_most);

  system::spawn_specification what;
  what.arguments.reserve(wanted.arguments.size() + 1);
  what.environment.reserve(wanted.environment.size() + 1);
  for (const auto& text : wanted.arguments)
    what.arguments.push_back(text.c_str());
  for (const auto& text : wanted.environment)
    what.environment.push_back(text.c_str());
  what.directory = wanted.directory.empty() ? nullptr : wanted.directory.c_str();
  what.descriptors = {input->get(), output_.stdout_for_agent(), output_.stderr_for_agent()};
  what.search_path = true;
  what.want_pidfd = false;  // a child of ours keeps its pid until we reap it
  what.signals_to_reset = ignored_signals_;
  what.cgroup = cgroup_ ? cgroup_->directory() : -1;
  return system::spawn_process(what);
}

void shim_driver::limit_memory(bytes most) {
  if (std::exchange(memory_limit_, most) == most) return;
  // Where the memory controller is not ours the agent runs without this limit, as documented.
  (void)cgroup_->limit_memory(most);
}

void shim_driver::perform(const signal_agent& what) {
  if (agent_ != 0) system::signal_group(agent_, what.signal_number);
}

void shim_driver::perform(const kill_tree&) {
  if (agent_ != 0) system::signal_group(agent_, system::signal_kill);
  const bool killed = agent_in_cgroup_ && cgroup_->kill_all();
  cgroup_used_up_ = cgroup_used_up_ || agent_in_cgroup_;
  // What it missed (a process may leave its cgroup) is found one by one in the second round.
  if (!killed || std::exchange(tree_killed_before_, true)) system::kill_descendants();
}

void shim_driver::on_signal(int signal_number) {
  if (signal_number == system::signal_child) return reap();
  if (signal_number == system::signal_terminate) feed(terminate_requested{});
}

void shim_driver::reap() {
  auto step = system::reap_any();
  for (; step.what == system::reaping::kind::reaped; step = system::reap_any()) {
    if (step.pid != agent_) continue;
    agent_ = 0;
    feed(main_exited{core_.incarnation(), step.exit});
  }
  if (step.what == system::reaping::kind::no_children) feed(tree_gone{core_.incarnation()});
}

void shim_driver::perform(const drain_output& what) {
  const auto drained = output_.drain();
  feed(output_drained{what.incarnation, drained.received, drained.stdout_lost});
}

void shim_driver::perform(const persist_ending& what) {
  // When the disk is full, the ending is kept here only, as long as this process lives.
  endings_.append(format_ending(what.ending));
  if (agent_ == 0 && std::exchange(agent_recorded_, false))
    (void)system::remove_file(agent_record(options_));
}

void shim_driver::perform(const forget_endings&) {
  endings_.clear();
}

// --- connections ---

void shim_driver::on_connect() {
  auto accepted = listener_.accept();
  if (!accepted || !*accepted) return;
  const auto id = ++last_connection_;
  const int native = (*accepted)->native_handle();
  const auto watch =
      loop_.watch(native, system::event_loop::readable, [this, id] { on_ready(id); });
  if (!watch) return;
  connections_.emplace(id, connection{std::move(**accepted), *watch, {}, {}, false});
  feed(connection_opened{id});
}

void shim_driver::on_ready(connection_id id) {
  write_unsent(id);
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  std::array<char, read_bytes_at_once> buffer;
  const auto got = found->second.stream.read_some(buffer);
  const bool ended = !got || (*got && **got == 0);
  if (ended) return connection_lost(id);
  if (!*got) return;
  found->second.frames.feed(std::string_view(buffer.data(), **got));
  take_frames(id);
}

/// Looks the connection up for every frame: a request may have closed it.
void shim_driver::take_frames(connection_id id) {
  for (auto found = connections_.find(id); found != connections_.end();
       found = connections_.find(id)) {
    auto frame = found->second.frames.next();
    if (frame && frame->empty()) return;
    auto message = frame ? decode_request(*frame) : std::unexpected(frame.error());
    if (!message) return feed(protocol_violated{id, std::move(message.error().message)});
    feed(request_received{id, std::move(*message)});
  }
}

void shim_driver::perform(const send_event& what) {
  const auto found = connections_.find(what.connection);
  if (found == connections_.end()) return;
  found->second.unsent += encode(what.message);
  write_unsent(what.connection);
}

void shim_driver::write_unsent(connection_id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end() || found->second.unsent.empty()) return;
  auto& unsent = found->second.unsent;
  const auto sent = found->second.stream.write_some(unsent);
  if (!sent || unsent.size() - *sent > unsent_bytes_most) return connection_lost(id);
  unsent.erase(0, *sent);
  const bool waits = !unsent.empty();
  if (std::exchange(found->second.waits_for_room, waits) == waits) return;
  using enum system::event_loop::interest;
  if (!loop_.change(found->second.watch, waits ? readable | writable : readable)) {
    connection_lost(id);
  }
}

void shim_driver::connection_lost(connection_id id) {
  perform(close_connection{id});
  feed(connection_closed{id});
}

void shim_driver::perform(const close_connection& what) {
  const auto found = connections_.find(what.connection);
  if (found == connections_.end()) return;
  loop_.unwatch(found->second.watch);
  connections_.erase(found);
}

// --- the home ---

bool shim_driver::guard_is_wanted() const {
  if (options_.guard_program.empty() || options_.home.empty()) return false;
  if (!system::exists(options_.home) || system::exists(options_.home + "/stopped")) return false;
  if (system::exists(options_.home + "/run/guard.stopped")) return false;
  const auto lives = system::is_locked(options_.home + "/run/guard.lock");
  return lives && !*lives;
}

/// Where the shim's directory is gone with the home, no core will ever find it or its agent.
void shim_driver::perform(const start_guard&) {
  if (directory_.is_removed()) return feed(terminate_requested{});
  if (!guard_is_wanted()) return;
  auto nothing = system::open_to_read("/dev/null");
  const auto log = system::open_to_append(options_.home + "/log/guard.log");
  if (!nothing) return;
  system::spawn_specification what;
  what.arguments = {options_.guard_program.c_str(), "guard"};
  for (const auto& variable : options_.environment) {
    if (is_for_guard(variable)) what.environment.push_back(variable.c_str());
  }
  const auto home = "NINE_HOME=" + options_.home;
  what.environment.push_back(home.c_str());
  what.directory = "/";
  const int output = log ? log.get() : 2;
  what.descriptors = {nothing->get(), output, output};
  what.want_pidfd = false;
  // Not our child: else it would count as something left of the agent, and so would all it starts.
  what.as_sibling = true;
  (void)system::spawn_process(what);  // tried again after the next wait
}

void shim_driver::perform(const finish&) {
  const auto socket = listener_.path();
  if (!socket.empty()) (void)system::remove_file(socket);
  if (core_.has_no_endings()) (void)system::remove_file(ending_file(options_));
  finished_ = true;
}

}  // namespace nine::supervision::shim
