#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "ninelives/supervision/agent_supervisor.hpp"
#include "simulation/machine/process_context.hpp"
#include "simulation/machine/program.hpp"
#include "simulation/scenarios/supervision/supervision_home.hpp"

namespace nine::simulation {

/// A core reduced to its agent_supervisor, the real one: keeps the home's children alive until they
/// are finished.
class supervision_core final : public program, private supervision::child_events {
 public:
  supervision_core(process_context& context, supervision_home& home)
      : program(context), home_(home) {}

  boost::asio::awaitable<int> run() override;

 private:
  boost::asio::awaitable<bool> take_over();
  boost::asio::awaitable<void> start_missing();
  void stop_all();
  supervision::child_request request_for(const std::string& child) const;
  boost::asio::awaitable<void> record_ending(std::string child, epoch incarnation, bool crash);

  result<supervision::shim::start> incarnation_starting(const std::string& child) override;
  void incarnation_started(const std::string& child, epoch incarnation,
                           const environment::process_identity& agent) override;
  void memory_not_limited(const std::string&, const std::string&) override {}
  void incarnation_ended(const std::string& child, const supervision::incarnation_ending& ending,
                         const supervision::restart_decision& decision) override;
  void child_finished(const std::string& child, const supervision::child_outcome& outcome) override;
  void child_gone(const std::string&) override {}
  void fenced(const std::string& reason) override;

  supervision_home& home_;
  std::map<std::string, std::int64_t> epochs_;  ///< the highest known to this core
  std::set<std::string> kept_;                  ///< children the supervisor has
  bool fenced_ = false;
  bool stopping_ = false;
  std::unique_ptr<environment::worker> worker_;
  std::optional<supervision::agent_supervisor> supervisor_;
};

}  // namespace nine::simulation
