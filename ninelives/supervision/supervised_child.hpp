#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "ninelives/supervision/agent_supervisor.hpp"
#include "ninelives/supervision/shim_keeper.hpp"
#include "ninelives/supervision/supervisor.hpp"

namespace nine::supervision {

/// What a child tells the table it stands in.
class child_table {
 public:
  virtual ~child_table() = default;
  virtual void child_removed(const std::string& child) = 0;
  virtual void core_is_fenced(const std::string& why) = 0;
};

/// One child: a pure supervisor that decides, a keeper that has its shim, and between them what is
/// known of the incarnation that runs. Events go out from the keeper's coroutine or from a turn of
/// the executor of their own, never from within a call.
class supervised_child : public shim_events, public std::enable_shared_from_this<supervised_child> {
 public:
  supervised_child(std::shared_ptr<shim_surroundings> surroundings, std::string name,
                   child_events& events, child_table& table);

  // --- before it has a request ---
  shim_keeper& keeper() { return *keeper_; }
  bool has_request() const { return phase_ != phase::unclaimed; }
  /// It has ended for good or is not wanted, and only what holds its name is still to go.
  bool is_leaving() const { return silent_ || phase_ == phase::finished; }
  /// stop() came while start() was at work.
  bool stop_was_asked() const { return stop_asked_; }
  /// What its shim said at take-over.
  taken_over report(shim_presence presence) const;

  /// Runs it from the first incarnation on; the shim was launched.
  void begin(child_request request);
  /// Goes on with what an earlier core left.
  void adopt(child_request request);
  /// Ends it without a word to the owner before all is over.
  void discard(std::string reason);

  void stop(std::string reason);
  void acknowledge(epoch incarnation);
  void made_progress();
  child_view view() const;

 private:
  enum class phase {
    unclaimed,  ///< found or being launched, no request yet
    adopting,   ///< waits for the shim to say what runs
    running,
    finished,  ///< child_finished was called; endings may wait for acknowledgement
    gone,      ///< and its shim, too: nothing is waited for any more
  };

  void shim_greeted(const shim::shim_hello& hello) override;
  void shim_said(const shim::event& event) override;
  void shim_lost(const std::string& message) override;
  void shim_launch_failed(const error& why) override;
  void shim_retired() override;
  void shim_fenced(const std::string& why) override;

  void on(const shim::shim_hello& hello);
  void on(const shim::started& event);
  void on(const shim::start_failed& event);
  void on(const shim::exited& event);
  void on(const shim::refused& event);

  void accept_request(child_request request);
  void take_over_from(const shim::shim_hello& hello);
  void take_over_lost(const std::string& message);
  void compare_with(const shim::shim_hello& hello);
  void incarnation_is_over(incarnation_ending ending);
  void report_old_ending(const incarnation_ending& ending);
  void tell_core_of(const incarnation_ending& ending);
  restart_decision decision() const;

  void carry_out_later();
  void carry_out();
  void perform(const supervisor_action& action);
  bool start_if_possible();
  bool send_start();
  void send_stop();
  void check_memory_limit(const shim::start& wanted, const std::string& cgroup);
  void finish();
  child_outcome outcome() const;
  void retire_if_done();
  void set_alarm(monotonic_time at);
  static boost::asio::awaitable<void> ring(std::shared_ptr<supervised_child> self,
                                           monotonic_time at);
  void on_alarm();
  void bound_the_stop();
  void force_end_by(monotonic_time at);
  moment this_moment();

  std::shared_ptr<shim_surroundings> surroundings_;
  std::string name_;
  child_events& events_;
  child_table& table_;
  std::shared_ptr<shim_keeper> keeper_;
  phase phase_ = phase::unclaimed;
  child_request request_;
  std::optional<supervisor> core_;

  epoch current_;  ///< sent to the shim, or found there; 0: none
  environment::process_identity agent_;
  std::optional<shim::start> unanswered_start_;
  epoch ended_;                     ///< the newest ending seen
  epoch acknowledged_;              ///< by the owner
  std::set<epoch> unacknowledged_;  ///< endings told to the owner
  std::optional<incarnation_ending> last_ending_;
  std::string last_problem_;
  std::uint32_t restarts_ = 0;

  bool start_due_ = false;
  bool silent_ = false;  ///< discarded: the owner hears nothing but the end
  bool stop_asked_ = false;
  std::string stop_reason_;
  bool stop_due_ = false;
  bool carrying_out_ = false;
  std::optional<monotonic_time> alarm_;
  std::optional<monotonic_time> force_end_at_;
};

}  // namespace nine::supervision
