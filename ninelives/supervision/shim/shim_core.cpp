#include "ninelives/supervision/shim/shim_core.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "ninelives/base/assert.hpp"

namespace nine::supervision::shim {
namespace {

constexpr int signal_terminate = 15;
constexpr int signal_continue = 18;
constexpr std::size_t message_bytes_most = 4096;  // of a failed start, kept and repeated

/// The variant index of a request type, as `refused` names it.
template <class Request>
std::size_t index_of() {
  return request(Request{}).index();
}

bool holds_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

/// Why no program could be started from this, whatever the state; empty when it is in order.
std::string why_malformed(const start& message) {
  if (message.incarnation.value() <= 0) return "an incarnation's epoch must be above 0";
  if (message.arguments.empty() || message.arguments[0].empty()) return "no program was named";
  if (message.arguments.size() > start_arguments_most) return "too many arguments";
  const std::array paths{&message.directory, &message.stdin_file, &message.stdout_file,
                         &message.stderr_file};
  if (std::ranges::any_of(message.arguments, holds_nul) ||
      std::ranges::any_of(message.environment, holds_nul) ||
      std::ranges::any_of(paths, [](const auto* path) { return holds_nul(*path); })) {
    return "a text of the start request holds a zero byte";
  }
  const auto has_no_name = [](const std::string& entry) {
    const auto equals = entry.find('=');
    return equals == std::string::npos || equals == 0;
  };
  if (std::ranges::any_of(message.environment, has_no_name)) {
    return "an entry of the environment is not NAME=value";
  }
  return {};
}

bool is_unasked_crash(const std::variant<exited, start_failed>& ending) {
  const auto* exit = std::get_if<exited>(&ending);
  return exit && exit->exit.how == environment::exit_status::kind::signalled &&
         !exit->stop_was_asked;
}

}  // namespace

shim_core::shim_core(shim_settings settings, monotonic_time now)
    : settings_(std::move(settings)), now_(now), core_highest_(settings_.core_least) {
  core_lost();
}

std::vector<shim_action> shim_core::handle(shim_input input, monotonic_time now) {
  now_ = std::max(now_, now);
  actions_.clear();
  if (!finished_) {
    std::visit([this](auto&& what) { on(std::move(what)); }, std::move(input));
  }
  return std::exchange(actions_, {});
}

std::optional<monotonic_time> shim_core::next_deadline() const {
  std::optional<monotonic_time> earliest;
  const auto consider = [&earliest](const std::optional<monotonic_time>& deadline) {
    if (deadline && (!earliest || *deadline < *earliest)) earliest = deadline;
  };
  if (finished_) return earliest;
  consider(kill_at_);
  consider(guard_at_);
  if (!has_agent()) consider(idle_at_);
  for (const auto& [id, connection] : connections_) {
    if (!connection.greeted) consider(connection.hello_deadline);
  }
  return earliest;
}

bool shim_core::has_agent() const {
  return phase_ != phase::idle;
}

// --- connections ---

void shim_core::on(connection_opened input) {
  if (connections_.size() >= connections_most) {
    const auto oldest =
        std::ranges::find_if(connections_, [](const auto& entry) { return !entry.second.greeted; });
    NINE_ASSERT(oldest != connections_.end());  // at most one is greeted: the serving one
    drop(oldest->first);
  }
  connections_.emplace(input.connection, connection_state{now_ + settings_.hello_wait});
}

void shim_core::on(connection_closed input) {
  if (connections_.erase(input.connection) == 0 || input.connection != serving_) return;
  serving_ = 0;
  core_lost();
}

void shim_core::on(protocol_violated input) {
  if (!connections_.contains(input.connection)) return;
  refuse(input.connection, 0, {}, "protocol violated: " + input.reason);
  drop(input.connection);
}

void shim_core::on(request_received input) {
  const auto id = input.connection;
  if (!connections_.contains(id)) return;
  if (input.message.index() != index_of<core_hello>() && id != serving_) {
    refuse(id, input.message.index(), {}, "the first message of a connection must be hello");
    return drop(id);
  }
  std::visit([this, id](auto&& message) { take(id, std::move(message)); },
             std::move(input.message));
}

void shim_core::take(connection_id connection, const core_hello& message) {
  const auto found = connections_.find(connection);
  std::string reason;
  if (found->second.greeted) {
    reason = "a second hello";
  } else if (message.version == 0) {
    reason = "no such protocol version: 0";
  } else if (message.core < core_highest_) {
    reason = "core epoch " + std::to_string(message.core.value()) + " is older than " +
             std::to_string(core_highest_.value());
  }
  if (!reason.empty()) {
    refuse(connection, index_of<core_hello>(), {}, std::move(reason));
    return drop(connection);
  }
  found->second.greeted = true;
  if (const auto previous = std::exchange(serving_, 0); previous != 0) {
    refuse(previous, index_of<core_hello>(), {}, "a newer connection took over");
    drop(previous);
  }
  serving_ = connection;
  core_highest_ = message.core;
  guard_at_.reset();
  idle_at_.reset();
  send_to_core(hello());
}

void shim_core::drop(connection_id connection) {
  actions_.emplace_back(close_connection{connection});
  on(connection_closed{connection});
}

void shim_core::refuse(connection_id connection, std::size_t request_index, epoch incarnation,
                       std::string reason) {
  actions_.emplace_back(send_event{connection, refused{static_cast<std::uint16_t>(request_index),
                                                       incarnation, std::move(reason)}});
}

void shim_core::send_to_core(event message) {
  if (serving_ != 0) actions_.emplace_back(send_event{serving_, std::move(message)});
}

shim_hello shim_core::hello() const {
  shim_hello message;
  message.shim = settings_.self;
  message.incarnation = incarnation_;
  message.agent = agent_;
  message.cgroup = cgroup_;
  message.state = has_agent() ? agent_state::running : agent_state::none;
  message.exits = exits_;
  message.failed_starts = failed_starts_;
  return message;
}

void shim_core::core_lost() {
  guard_wait_ = settings_.guard_wait;
  guard_at_ = now_ + with_jitter(guard_wait_);
  idle_at_ = now_ + settings_.idle_most;
}

duration shim_core::with_jitter(duration wait) const {
  return wait + std::chrono::duration_cast<duration>(wait * settings_.jitter);
}

// --- the agent's life ---

bool shim_core::is_current(epoch incarnation, phase expected) const {
  return incarnation == incarnation_ && phase_ == expected;
}

std::string shim_core::why_not_startable(const start& message) const {
  if (terminating_) return "the shim is ending";
  if (has_agent()) return "incarnation " + std::to_string(incarnation_.value()) + " is running";
  if (message.incarnation <= incarnation_) {
    return "epoch " + std::to_string(message.incarnation.value()) + " is not above " +
           std::to_string(incarnation_.value());
  }
  if (newest_ending() > message.supersedes) {
    return "the ending of incarnation " + std::to_string(newest_ending().value()) +
           " is not superseded";
  }
  if (exits_.size() + failed_starts_.size() >= endings_kept_most) {
    return "too many endings are not acknowledged";
  }
  return why_malformed(message);
}

void shim_core::take(connection_id connection, start message) {
  if (auto reason = why_not_startable(message); !reason.empty()) {
    return refuse(connection, index_of<start>(), message.incarnation, std::move(reason));
  }
  phase_ = phase::starting;
  incarnation_ = message.incarnation;
  agent_ = {};
  cgroup_.clear();
  stop_was_asked_ = false;
  stop_while_starting_.reset();
  actions_.emplace_back(spawn_agent{std::move(message)});
}

void shim_core::on(agent_spawned input) {
  if (!is_current(input.incarnation, phase::starting)) return;
  phase_ = phase::running;
  agent_ = std::move(input.agent);
  cgroup_ = std::move(input.cgroup);
  send_to_core(started{incarnation_, agent_, cgroup_});
  if (stop_while_starting_) begin_stop(*stop_while_starting_);
}

void shim_core::on(agent_spawn_failed input) {
  if (!is_current(input.incarnation, phase::starting)) return;
  input.message.resize(std::min(input.message.size(), message_bytes_most));
  failed_starts_.push_back({incarnation_, input.error_number, std::move(input.message)});
  send_to_core(failed_starts_.back());
  keep(failed_starts_.back());
}

void shim_core::take(connection_id connection, const stop& message) {
  const bool possible = has_agent() && message.incarnation == incarnation_;
  if (!possible) {
    return refuse(connection, index_of<stop>(), message.incarnation,
                  "incarnation " + std::to_string(message.incarnation.value()) + " is not running");
  }
  const auto grace = std::chrono::milliseconds(std::min(message.grace_ms, grace_most_ms));
  const bool ended = phase_ == phase::ending || phase_ == phase::draining;
  if (ended) return;  // what is left is being killed already
  stop_was_asked_ = true;
  begin_stop(grace);
}

void shim_core::begin_stop(duration grace) {
  if (phase_ == phase::starting) {
    stop_while_starting_ = std::min(stop_while_starting_.value_or(grace), grace);
    return;
  }
  const bool killing = kill_wait_ > 0ns;
  if (killing) return;
  if (grace <= 0ns) return kill_what_is_left();
  const auto deadline = now_ + grace;
  kill_at_ = std::min(kill_at_.value_or(deadline), deadline);
  actions_.emplace_back(signal_agent{incarnation_, signal_terminate});
  actions_.emplace_back(
      signal_agent{incarnation_, signal_continue});  // one that is stopped hears it
}

void shim_core::kill_what_is_left() {
  actions_.emplace_back(kill_tree{incarnation_});
  kill_wait_ = kill_wait_ == 0ns ? settings_.kill_repeat
                                 : std::min(kill_wait_ * 2, settings_.kill_repeat_most);
  kill_at_ = now_ + kill_wait_;
}

void shim_core::on(main_exited input) {
  if (!is_current(input.incarnation, phase::running)) return;
  phase_ = phase::ending;
  exit_ = input.exit;
  // At once, but as a deadline: most agents leave nothing behind, and tree_gone comes first.
  kill_wait_ = 0ns;
  kill_at_ = now_;
}

void shim_core::on(tree_gone input) {
  if (!is_current(input.incarnation, phase::ending)) return;
  phase_ = phase::draining;
  kill_at_.reset();
  kill_wait_ = 0ns;
  actions_.emplace_back(drain_output{incarnation_});
}

void shim_core::on(output_drained input) {
  if (!is_current(input.incarnation, phase::draining)) return;
  exits_.push_back(
      {incarnation_, exit_, stop_was_asked_, input.output_bytes, input.stdout_bytes_lost});
  send_to_core(exits_.back());
  keep(exits_.back());
}

void shim_core::keep(std::variant<exited, start_failed> ending) {
  phase_ = phase::idle;
  // After the event, so that writing delays nobody.
  const bool can_wait = serving_ != 0 && is_unasked_crash(ending);
  unpersisted_.push_back(std::move(ending));
  if (!can_wait) persist_endings();
  if (serving_ == 0) idle_at_ = now_ + settings_.idle_most;
  if (terminating_) end_shim();
}

void shim_core::persist_endings() {
  for (auto& ending : std::exchange(unpersisted_, {}))
    actions_.emplace_back(persist_ending{std::move(ending)});
}

epoch shim_core::newest_ending() const {
  return std::max(exits_.empty() ? epoch() : exits_.back().incarnation,
                  failed_starts_.empty() ? epoch() : failed_starts_.back().incarnation);
}

void shim_core::take(connection_id, const acknowledge_exit& message) {
  const auto on_record = [&message](const auto& ending) {
    return ending.incarnation <= message.incarnation;
  };
  const auto forgotten =
      std::erase_if(exits_, on_record) + std::erase_if(failed_starts_, on_record);
  std::erase_if(unpersisted_, [&](const auto& ending) { return std::visit(on_record, ending); });
  if (forgotten > 0 && has_no_endings()) actions_.emplace_back(forget_endings{});
}

// --- the shim's own end ---

void shim_core::take(connection_id connection, const quit&) {
  if (!has_agent()) return end_shim();
  refuse(connection, index_of<quit>(), incarnation_, "an agent is running");
}

void shim_core::on(terminate_requested) {
  terminating_ = true;
  if (!has_agent()) return end_shim();
  const bool lives = phase_ == phase::starting || phase_ == phase::running;
  if (lives) begin_stop(settings_.terminate_grace);
}

void shim_core::end_shim() {
  persist_endings();
  for (const auto& [id, connection] : connections_)
    actions_.emplace_back(close_connection{id});
  connections_.clear();
  serving_ = 0;
  finished_ = true;
  actions_.emplace_back(finish{});
}

// --- time ---

void shim_core::on(time_passed) {
  if (kill_at_ && now_ >= *kill_at_) kill_what_is_left();
  expire_hellos();
  expire_guard_wait();
  expire_idle();
}

void shim_core::expire_hellos() {
  std::vector<connection_id> late;
  for (const auto& [id, connection] : connections_) {
    if (!connection.greeted && now_ >= connection.hello_deadline) late.push_back(id);
  }
  for (const auto id : late)
    drop(id);
}

void shim_core::expire_guard_wait() {
  if (!guard_at_ || now_ < *guard_at_) return;
  persist_endings();
  actions_.emplace_back(start_guard{});
  guard_wait_ = std::min(guard_wait_ * 2, settings_.guard_wait_most);
  guard_at_ = now_ + with_jitter(guard_wait_);
}

void shim_core::expire_idle() {
  if (serving_ == 0 && !has_agent() && idle_at_ && now_ >= *idle_at_) end_shim();
}

}  // namespace nine::supervision::shim
