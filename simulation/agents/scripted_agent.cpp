#include "simulation/agents/scripted_agent.hpp"

#include <csignal>
#include <utility>

#include "simulation/machine/function_program.hpp"
#include "simulation/machine/machine.hpp"

namespace nine::simulation {
namespace {

using result_source = std::function<std::string(process_context&)>;

class agent final : public program {
 public:
  agent(process_context& context, const agent_script& script, result_source result_text)
      : program(context),
        script_(script),
        result_text_(std::move(result_text)),
        random_(context.random().next()),
        ignores_term_(random_.chance(script.ignore_term)) {}

  boost::asio::awaitable<int> run() override;
  bool handle_signal(int signal_number) override {
    return signal_number == SIGTERM && ignores_term_;
  }

 private:
  void leave_behind();

  const agent_script& script_;
  result_source result_text_;
  random_stream random_;
  bool ignores_term_;
};

boost::asio::awaitable<int> agent::run() {
  if (random_.chance(script_.leave_behind)) leave_behind();
  if (random_.chance(script_.flood)) context_.write_output(std::string(script_.flood_bytes, 'x'));
  const bool hangs = random_.chance(script_.hang);
  const bool crashes = random_.chance(script_.crash);
  co_await context_.clock().sleep_for(random_.between(script_.work_least, script_.work_most));
  while (hangs) {
    co_await context_.clock().sleep_for(1h);
  }
  if (crashes) co_return 1;
  context_.write_output(result_text_(context_));
  co_return 0;
}

void agent::leave_behind() {
  environment::process_specification left;
  left.arguments = {descendant_program};
  left.environment = context_.record().specification.environment;
  std::ignore = context_.processes().spawn(left);
}

}  // namespace

program_factory scripted_agent(const agent_script& script, result_source result_text) {
  return [&script, result_text = std::move(result_text)](process_context& context) {
    return std::make_unique<agent>(context, script, result_text);
  };
}

program_factory agent_descendant() {
  return program_of([](process_context& context) -> boost::asio::awaitable<int> {
    while (true) {
      co_await context.clock().sleep_for(1h);
    }
  });
}

}  // namespace nine::simulation
