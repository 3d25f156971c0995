#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/supervision/agent_supervisor.hpp"
#include "ninelives/supervision/shim_connection.hpp"
#include "ninelives/supervision/shim_directory.hpp"
#include "ninelives/supervision/shim_surroundings.hpp"

namespace nine::supervision {

/// What a shim's keeper tells. Called from the keeper's own coroutine.
class shim_events {
 public:
  virtual ~shim_events() = default;

  /// A connection is there; send() works until shim_lost() or the next hello.
  virtual void shim_greeted(const shim::shim_hello& hello) = 0;
  virtual void shim_said(const shim::event& event) = 0;
  /// The shim is proved dead, and all that it had started is ended. `message` says what was found.
  virtual void shim_lost(const std::string& message) = 0;
  /// A shim was wanted and could not be made; it is no longer wanted.
  virtual void shim_launch_failed(const error& why) = 0;
  /// After retire(): shim and directory are gone. The last call.
  virtual void shim_retired() = 0;
  /// The shim serves a newer core. The last call.
  virtual void shim_fenced(const std::string& why) = 0;
};

/// What is known of a shim after looking for it once.
enum class shim_presence { answers, dead, unknown, fenced };

/// Keeps contact with the shim of one directory: makes it, connects, connects again when the
/// connection breaks, proves its death by identity and then ends what it left. A shim that does not
/// answer is neither dead nor alive: it is asked again, for ever.
class shim_keeper : public std::enable_shared_from_this<shim_keeper> {
 public:
  shim_keeper(std::shared_ptr<shim_surroundings> surroundings, shim_directory directory);

  /// Makes a shim and greets it. On error nothing is left of it but the directory. Errors:
  /// not_found (no program), timed_out, fenced, cancelled, and those of files, network and
  /// processes.
  boost::asio::awaitable<result<void>> launch();

  /// Asks the shim of an earlier core: answers, fenced or unknown. Changes nothing outside.
  boost::asio::awaitable<shim_presence> look();
  /// Whether a shim that did not answer is dead, or unknown still.
  boost::asio::awaitable<shim_presence> judge();

  /// Ends what a dead shim left. The directory stays: its record of endings may be all that tells
  /// of them.
  boost::asio::awaitable<void> end_what_is_left();
  /// Removes the directory of a dead shim, if nothing is left of it.
  boost::asio::awaitable<void> clear_away();
  /// Ends a shim that lives and is to run nothing, all that it holds, and the directory.
  boost::asio::awaitable<void> abandon();
  boost::asio::awaitable<void> remove_directory();

  /// Begins to report to `events`, with shim_greeted() first if launch() or look() greeted it.
  /// The events must outlive the coroutines of the surroundings' scope; `owner` keeps them alive.
  void begin(shim_events& events, std::shared_ptr<void> owner);

  /// There shall be a shim; asking when there is one changes nothing.
  void want();
  /// Ends the shim, which has no agent, and removes the directory.
  void retire();
  /// KILL to the shim itself; its death is then found as any other.
  void kill();
  /// False when there is no connection.
  bool send(const shim::request& message);

  bool connected() const { return greeted_; }
  const std::optional<shim::shim_hello>& hello() const { return hello_; }
  /// What a shim that was found dead had written down, by rising incarnation.
  const std::vector<incarnation_ending>& written_endings() const { return written_endings_; }
  const environment::process_identity& shim() const { return shim_; }
  const shim_directory& directory() const { return directory_; }

 private:
  static boost::asio::awaitable<void> keep(std::shared_ptr<shim_keeper> self,
                                           std::shared_ptr<void> owner);
  boost::asio::awaitable<void> listen_to_shim();
  boost::asio::awaitable<void> find_again();
  boost::asio::awaitable<void> make_again();
  boost::asio::awaitable<void> bury();
  boost::asio::awaitable<void> end_by_force();
  boost::asio::awaitable<bool> ends_within(duration limit);
  boost::asio::awaitable<result<void>> end_what_it_left();
  boost::asio::awaitable<void> remove_cgroup();
  void learn_cgroup();
  void note(const shim::event& event);
  boost::asio::awaitable<void> end_retired_shim();

  boost::asio::awaitable<result<void>> connect(duration within);
  boost::asio::awaitable<result<void>> connect_without_bound();
  boost::asio::awaitable<result<void>> make_directory();
  result<void> spawn();
  void write_identity();
  std::string last_words() const;
  boost::asio::awaitable<environment::liveness> probe();
  boost::asio::awaitable<environment::liveness> probe_by_marker();
  bool of_earlier_boot() const;
  void read_written_endings();
  bool over() const;  ///< the scope was cancelled: nobody is left to be told
  void disconnect();

  std::shared_ptr<shim_surroundings> surroundings_;
  shim_directory directory_;
  shim_events* events_ = nullptr;
  environment::async_event changed_;

  bool present_ = false;  ///< a shim is there, as far as is known
  environment::process_identity shim_;
  std::string cgroup_;                   ///< where its agent is to be found should the shim die
  environment::process_identity agent_;  ///< and who that is
  std::shared_ptr<shim_connection> connection_;
  bool greeted_ = false;
  bool told_ = false;             ///< shim_greeted() was called for this connection
  bool nothing_is_left_ = false;  ///< of a dead shim: its directory may go
  std::optional<shim::shim_hello> hello_;
  std::vector<incarnation_ending> written_endings_;
  duration reconnect_pause_;

  bool wanted_ = false;
  bool retiring_ = false;
  bool ended_ = false;
};

}  // namespace nine::supervision
