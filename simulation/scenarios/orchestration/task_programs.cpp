#include "simulation/scenarios/orchestration/task_programs.hpp"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <utility>

#include "ninelives/model_agent/step_client.hpp"
#include "simulation/agents/scripted_agent.hpp"
#include "simulation/machine/machine.hpp"

namespace nine::simulation {
namespace {

constexpr int exit_uncertain = 3;
constexpr int exit_fenced = 4;

class task_program : public program {
 public:
  task_program(process_context& context, orchestration_home& home)
      : program(context),
        home_(home),
        script_(home.scripts[context.arguments().at(1)]),
        random_(context.random().next()),
        ignores_term_(random_.chance(script_.ignore_term)) {}

  bool handle_signal(int signal_number) override {
    return signal_number == SIGTERM && ignores_term_;
  }

  boost::asio::awaitable<int> run() final;

 protected:
  /// What it is there for; the exit code.
  virtual boost::asio::awaitable<int> work() = 0;

  boost::asio::awaitable<void> spend_time();

  orchestration_home& home_;
  const task_program_script script_;
  random_stream random_;

 private:
  void leave_behind();
  bool ignores_term_;
};

boost::asio::awaitable<int> task_program::run() {
  if (random_.chance(script_.leave_behind)) leave_behind();
  const bool hangs = random_.chance(script_.hang);
  const bool crashes = random_.chance(script_.crash);
  const bool fails = random_.chance(script_.failure);
  co_await spend_time();
  while (hangs) {
    co_await context_.clock().sleep_for(1h);
  }
  if (crashes) {
    context_.host().signal(context_.record(), SIGKILL);
    co_await context_.clock().sleep_for(1h);  // nothing of it happens any more
  }
  if (fails) {
    context_.write_output("it does not work\n");
    co_return 1;
  }
  co_return co_await work();
}

boost::asio::awaitable<void> task_program::spend_time() {
  const auto time = random_.between(script_.work_least, script_.work_most);
  co_await context_.clock().sleep_for(time);
}

void task_program::leave_behind() {
  environment::process_specification left;
  left.arguments = {descendant_program};
  left.environment = context_.record().specification.environment;
  std::ignore = context_.processes().spawn(left);
}

class task_agent final : public task_program {
 public:
  task_agent(process_context& context, orchestration_home& home)
      : task_program(context, home),
        seams_(context.bundle(), home.seam_plan),
        http_(seams_.bundle().network, context.clock()),
        steps_(http_, context.clock(), context.variable("NINE_SOCKET"),
               context.variable("NINE_TOKEN")) {}

 private:
  boost::asio::awaitable<int> work() override;
  boost::asio::awaitable<int> do_step(std::string key, std::string effect);
  boost::asio::awaitable<int> run_step(step_name step, std::string effect);
  boost::asio::awaitable<int> report_step(step_name step);
  std::string result_text() const;

  faulty_seams seams_;
  http::client http_;
  model_agent::step_client steps_;
};

/// It says the first half of its result before it works, so that a life that is cut off leaves one.
boost::asio::awaitable<int> task_agent::work() {
  const auto text = random_.chance(script_.nothing) ? "" : result_text() + "\n";
  const auto half = text.size() / 2;
  context_.write_output(text.substr(0, half));
  // The number of the steps is the attempt's, not the incarnation's; their kind is the task's.
  const auto task = context_.variable("NINE_TASK");
  const auto attempt = context_.variable("NINE_ATTEMPT");
  const auto count = random_stream(7).fork(task + "." + attempt).below(script_.steps_most + 1);
  random_stream kinds = random_stream(7).fork(task);
  for (std::uint64_t number = 1; number <= count; ++number) {
    static constexpr std::array effects = {"once", "idempotent", "verifiable", "compensable",
                                           "pure"};
    const std::string effect = effects[kinds.below(effects.size())];
    auto key = fmt::format("s{}", number);
    const int code = co_await do_step(std::move(key), effect);
    if (code != 0) co_return code;
  }
  home_.ledger->delivered(context_.variable("NINE_TASK"), text.substr(0, text.rfind('\n')));
  context_.write_output(text.substr(half));
  co_return 0;
}

boost::asio::awaitable<int> task_agent::do_step(std::string key, std::string effect) {
  const bool outside = effect != "pure" && effect != "idempotent";
  const auto attempt = outside ? std::string() : context_.variable("NINE_ATTEMPT");
  step_name step{context_.variable("NINE_TASK"), attempt, key};
  const auto begun = co_await steps_.begin(key, effect);
  if (!begun) co_return begun.error().code == error_code::fenced ? exit_fenced : 1;
  if (begun->verdict == "uncertain") co_return exit_uncertain;
  if (begun->verdict == "finished") {
    home_.ledger->step_repeated(step, begun->result);
    co_return 0;
  }
  if (begun->verdict == "compensate") home_.ledger->step_undone(step);
  if (begun->verdict == "verify" && home_.ledger->has_happened(step))
    co_return co_await report_step(std::move(step));
  co_return co_await run_step(std::move(step), std::move(effect));
}

boost::asio::awaitable<int> task_agent::run_step(step_name step, std::string effect) {
  home_.ledger->step_done(step, effect);
  co_await spend_time();
  co_return co_await report_step(std::move(step));
}

boost::asio::awaitable<int> task_agent::report_step(step_name step) {
  const auto result = fmt::format("{} in epoch {}", step.key, context_.variable("NINE_EPOCH"));
  model_agent::finished_step report{.key = step.key, .result = result};
  const auto finished = co_await steps_.finish(std::move(report));
  if (!finished) co_return finished.error().code == error_code::fenced ? exit_fenced : 1;
  home_.ledger->step_acknowledged(step, result);
  co_return 0;
}

std::string task_agent::result_text() const {
  return fmt::format("what {} made of {} in attempt {}, epoch {}", context_.arguments().at(1),
                     context_.variable("NINE_TASK"), context_.variable("NINE_ATTEMPT"),
                     context_.variable("NINE_EPOCH"));
}

class task_gate final : public task_program {
 public:
  using task_program::task_program;

 private:
  boost::asio::awaitable<int> work() override {
    context_.write_output("all is well\n");
    co_return 0;
  }
};

}  // namespace

program_factory task_agents(orchestration_home& home) {
  return [&home](process_context& context) { return std::make_unique<task_agent>(context, home); };
}

program_factory task_gates(orchestration_home& home) {
  return [&home](process_context& context) { return std::make_unique<task_gate>(context, home); };
}

}  // namespace nine::simulation
