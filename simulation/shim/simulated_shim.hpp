#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ninelives/environment/async_event.hpp"
#include "ninelives/supervision/shim/shim_core.hpp"
#include "simulation/machine/process_context.hpp"
#include "simulation/machine/program.hpp"
#include "simulation/shim/shim_link.hpp"

namespace nine::simulation {

/// nine-shim with its real decisions and its real protocol over the simulated machine; only the
/// driver, which knows the kernel, is replaced. `nine-shim DIRECTORY CORE_EPOCH`, with NINE_HOME
/// and NINE_GUARD_PROGRAM in its environment if it is to start the guard.
class simulated_shim final : public program {
 public:
  explicit simulated_shim(process_context& context);

  boost::asio::awaitable<int> run() override;
  bool handle_signal(int signal_number) override;

 private:
  using connection_id = supervision::shim::connection_id;

  void feed(supervision::shim::shim_input input);
  void arm();

  void perform(supervision::shim::spawn_agent action);
  void perform(const supervision::shim::signal_agent& action);
  void perform(const supervision::shim::kill_tree& action);
  void perform(const supervision::shim::drain_output& action);
  void perform(const supervision::shim::persist_ending& action);
  void perform(const supervision::shim::forget_endings&);
  void perform(const supervision::shim::send_event& action);
  void perform(const supervision::shim::close_connection& action);
  void perform(const supervision::shim::start_guard&);
  void perform(const supervision::shim::finish& action);

  boost::asio::awaitable<void> accept_for_ever();
  boost::asio::awaitable<void> serve(connection_id id, std::shared_ptr<shim_link> link);
  boost::asio::awaitable<void> watch_agent(epoch incarnation, environment::process_identity agent);
  std::vector<process_record*> tree();
  bool guard_is_wanted();
  bool made_by_newest_core();

  environment::path directory_;
  core_epoch core_least_;
  std::unique_ptr<environment::listener> listener_;
  std::optional<supervision::shim::shim_core> core_;
  std::deque<supervision::shim::shim_input> inputs_;
  bool feeding_ = false;
  std::optional<scheduler::timer> timer_;
  std::map<connection_id, std::shared_ptr<shim_link>> links_;
  connection_id last_link_ = 0;
  environment::process_identity agent_;
  environment::path output_;
  bool finished_ = false;
  environment::async_event end_;
};

program_factory simulated_shims();

}  // namespace nine::simulation
