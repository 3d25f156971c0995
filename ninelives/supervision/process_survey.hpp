#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/environment/process_sight.hpp"
#include "ninelives/environment/worker.hpp"
#include "ninelives/supervision/coroutine_scope.hpp"

namespace nine::supervision {

/// All processes as one look saw them, filed by what tells whose they are.
class process_picture {
 public:
  explicit process_picture(std::vector<environment::process_sight> seen);

  /// Those with this entry in their environment.
  std::vector<environment::process_identity> marked(const std::string& mark) const;

  /// What belongs to an agent, whether it shows its environment or not: those with this mark, the
  /// agent, those in the session or process group that it led, and all that descend from these.
  /// Not the process that asks, `self`: an agent may have started the home in which it runs.
  std::vector<environment::process_identity> family(
      const std::string& mark, const environment::process_identity& agent,
      const environment::process_identity& self) const;

 private:
  using place = std::size_t;
  bool may_lead(const environment::process_identity& agent) const;

  std::vector<environment::process_sight> seen_;
  std::unordered_map<std::string, std::vector<place>> by_mark_;
  std::unordered_map<std::int32_t, place> by_pid_;
  std::unordered_map<std::int32_t, std::vector<place>> by_parent_;
  std::unordered_map<std::int32_t, std::vector<place>> by_leader_;  ///< of session or group
};

/// Looks at all processes for many who ask at once: the look that begins next serves all who asked
/// before it began. A thousand shims that died together cost a few looks, not thousands.
/// Thread: one executor.
class process_survey : public std::enable_shared_from_this<process_survey> {
 public:
  using picture = std::shared_ptr<const result<process_picture>>;

  process_survey(environment::look_at_processes look, std::vector<std::string> prefixes,
                 environment::worker& worker, coroutine_scope& scope);

  /// What was to be seen at some moment after the call. To be awaited by coroutines of the scope.
  boost::asio::awaitable<picture> look();

 private:
  struct round {
    picture seen;
    environment::async_event over;
  };
  static boost::asio::awaitable<void> play_rounds(std::shared_ptr<process_survey> self);

  environment::look_at_processes look_;
  std::vector<std::string> prefixes_;
  environment::worker& worker_;
  coroutine_scope& scope_;
  std::shared_ptr<round> next_;  ///< has not begun
  bool playing_ = false;
};

}  // namespace nine::supervision
