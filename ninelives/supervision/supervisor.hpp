#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/base/time.hpp"
#include "ninelives/supervision/child_specification.hpp"
#include "ninelives/supervision/crash_loop_guard.hpp"
#include "ninelives/supervision/restart_delay.hpp"
#include "ninelives/supervision/restart_intensity.hpp"

namespace nine::supervision {

/// Which siblings share the fate of a child that is restarted.
enum class strategy {
  one_for_one,   ///< none
  one_for_all,   ///< all
  rest_for_one,  ///< those that were started after it
};

struct supervisor_flags {
  strategy how = strategy::one_for_one;
  intensity_limits intensity;
  auto_shutdown mode = auto_shutdown::never;
  restart_delay_limits delay;
  crash_loop_limits crash_loop;
};

/// Time and chance of one event.
struct moment {
  monotonic_time now{};
  wall_time wall{};
  double chance = 0.5;  ///< uniform in [0, 1)
};

/// How a child ended, in OTP's three sorts.
enum class child_end { normal, shutdown, abnormal };

/// Why a supervisor ended. OTP gives up with the reason `shutdown`, which a transient specification
/// in its parent reads as a normal end, and the subtree is gone for good. Here giving up is a
/// failure: see as_child_end().
enum class end_reason {
  none,  ///< it has not ended
  stopped,
  significant_child_ended,
  restart_intensity_exceeded,
  start_failed,  ///< a child of the initial list could not be started
};

/// What the end of a supervisor means to the supervisor above it.
child_end as_child_end(end_reason reason);
std::string_view to_string(end_reason reason) noexcept;

/// What the driver is to do. Each start is answered by child_started() or child_start_failed(),
/// each stop by child_exited(); until then no other action for this child is given.
struct supervisor_action {
  enum class kind {
    start,
    stop,   ///< by `shutdown`
    ended,  ///< all children are down; the last action ever
  };

  kind what = kind::start;
  std::string child;  ///< empty for ended
  shutdown_policy shutdown;
  bool operator==(const supervisor_action&) const = default;
};

/// A supervisor as a pure core: events go in, actions come out (take_actions), time and chance are
/// values. Words and behaviour are those of Erlang/OTP's supervisor, with these differences:
///
///   - starts and stops take time, so events may come meanwhile: siblings of one_for_one start side
///     by side; in all else one start or stop at a time, starts in order, stops in reverse;
///   - restarts are delayed (restart_delay, crash_loop_guard); one delay for a whole round;
///   - the time of a cool-down does not count for the restart intensity;
///   - a child that was stopped on purpose, or transient and ended normally, stays down when its
///     siblings are restarted (S16: what was stopped or finished never comes back by itself);
///   - shutdown `infinity` is 24 hours for a child in a shim; then it is killed.
///
/// Children of a nested supervisor that were added at run time are not remembered here when that
/// supervisor is restarted: who added them adds them again.
class supervisor {
 public:
  enum class child_state { stopped, starting, running, stopping, restarting };

  struct child_view {
    std::string id;
    child_state state = child_state::stopped;
    monotonic_time due{};  ///< of the restart, in state restarting
    bool rests = false;    ///< the wait is that of its crash loop
  };
  struct counts {
    std::size_t specifications = 0;
    std::size_t active = 0;  ///< running or being stopped
    std::size_t supervisors = 0;
    std::size_t workers = 0;
  };

  explicit supervisor(supervisor_flags flags);

  /// Crashes of a child seen by an earlier life of this supervisor; to be told before it is started
  /// or added. What is left of a cool-down delays its start, and they count for the restart
  /// intensity (S3, S4).
  void remember_crashes(std::string id, std::vector<wall_time> crashes);

  /// Starts the initial list in order; one failure ends the supervisor. Once only. Errors:
  /// invalid_argument (flags or a child), already_exists (two children of one id).
  result<void> start(std::vector<child_specification> children, const moment& at);

  // --- what happened ---
  void child_started(std::string_view id, const moment& at);
  void child_start_failed(std::string_view id, const moment& at);
  void child_exited(std::string_view id, child_end how, const moment& at);
  void child_made_progress(std::string_view id);
  /// Some time has passed: restarts that are due begin. Early calls do no harm.
  void time_passed(const moment& at);

  // --- what is wanted ---
  /// Ends all children in reverse order, then itself.
  void stop(const moment& at);
  /// A child beyond the initial list; when it cannot be started it is forgotten. Errors:
  /// invalid_argument, already_exists, precondition_failed (not started, or ending).
  result<void> add_child(child_specification specification, const moment& at);
  /// The same for one that runs already.
  result<void> adopt_child(child_specification specification, const moment& at);
  /// Ends a child and keeps it down; its specification stays, unless temporary. Ends the wait of
  /// one that is restarting. No error when it is down. Error: not_found.
  result<void> stop_child(std::string_view id, const moment& at);
  /// Starts a child that is down; not charged. When that fails it stays down. Errors: not_found,
  /// already_exists (running), precondition_failed (restarting, on its way, or all is ending).
  result<void> restart_child(std::string_view id, const moment& at);
  /// Forgets a child that is down. Errors: not_found, precondition_failed.
  result<void> delete_child(std::string_view id);

  // --- what to do, and what is so ---
  std::vector<supervisor_action> take_actions();
  /// When time_passed() is needed; empty: not.
  std::optional<monotonic_time> next_deadline() const;
  end_reason reason() const { return reason_; }
  bool ended() const { return phase_ == phase::ended; }
  /// The child whose failed start ended the supervisor.
  const std::string& failed_child() const { return failed_child_; }
  std::optional<child_view> find(std::string_view id) const;
  std::vector<child_view> children() const;  ///< in order of start
  counts count_children() const;

 private:
  enum class phase { fresh, starting, running, ending, ended };
  enum class process { down, starting, up, stopping };
  using order = std::uint64_t;  ///< place in the order of start; never used twice

  struct child {
    child_specification specification;
    restart_delay delay;
    crash_loop_guard crash_loop;
    process now = process::down;
    bool wanted = true;         ///< shall run
    bool bounce = false;        ///< a sibling's fate: must go down first, in its turn
    bool once_started = false;  ///< its next start is a restart
    bool initial = true;        ///< of the initial list, not added
    bool manual = false;        ///< being started by restart_child()
    bool rests = false;         ///< until `due`, after a crash loop
    monotonic_time due{};
  };

  result<order> insert(child_specification specification, bool initial, const moment& at);
  result<order> insert_late(child_specification specification, const moment& at);
  void remember(child& c, order place, const moment& at);
  void forget(order place);
  child* lookup(std::string_view id);
  const child* lookup(std::string_view id) const;
  order place_of(std::string_view id) const;
  void set(order place, process now);
  void set_wanted(order place, bool wanted);
  void refile(order place, const child& c);
  child_state state_of(const child& c) const;

  void went_down(order place);
  void ended_by_itself(order place, child_end how, const moment& at);
  void restart(order failed, bool crash, const moment& at);
  void involve_siblings(order failed, monotonic_time due);
  bool was_last_significant() const;
  void begin_end(end_reason reason);

  void go_on(monotonic_time now);
  void stop_last_of(const std::set<order>& group);
  void start_due(monotonic_time now);
  bool one_at_a_time() const;
  std::optional<order> next_in_turn() const;
  std::optional<order> next_of_initial_list() const;
  void emit_start(order place);
  void emit_stop(order place);

  supervisor_flags flags_;
  phase phase_ = phase::fresh;
  end_reason reason_ = end_reason::none;
  std::string failed_child_;
  restart_intensity intensity_;
  std::vector<supervisor_action> actions_;

  std::map<order, child> children_;
  std::map<std::string, order, std::less<>> ids_;
  std::map<std::string, std::vector<wall_time>> remembered_crashes_;
  order next_order_ = 1;
  // Where the children stand, so that 100,000 of them cost no more each than ten; see refile().
  std::set<order> live_;      ///< not down
  std::set<order> bouncing_;  ///< live, and to go down in its turn
  std::set<order> pending_;   ///< down, and shall run
  std::set<order> starting_;
};

}  // namespace nine::supervision
