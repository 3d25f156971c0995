#include "ninelives/orchestration/launcher.hpp"

#include "ninelives/orchestration/child_role.hpp"
#include "ninelives/orchestration/prompt.hpp"

namespace nine::orchestration {

namespace asio = boost::asio;

namespace {

resilience::jitter spread_of(configuration::jitter_kind kind) {
  switch (kind) {
    case configuration::jitter_kind::none:
      return resilience::jitter::none;
    case configuration::jitter_kind::full:
      return resilience::jitter::full;
    case configuration::jitter_kind::equal:
      break;
    case configuration::jitter_kind::decorrelated:
      return resilience::jitter::decorrelated;
  }
  return resilience::jitter::equal;
}

}  // namespace

asio::awaitable<result<launch>> launcher::prepare(run_pointer run, std::string child) {
  if (role_of_child(run->state, child).what == child_role::kind::agent) {
    NINE_CO_TRY(co_await prepare_prompt(run));
  }
  co_return rebuild(*run, child);
}

/// Writes the attempt's prompt where every incarnation of it finds it.
asio::awaitable<result<void>> launcher::prepare_prompt(run_pointer run) {
  NINE_CO_TRY_ASSIGN(const auto input, co_await contents_.read(run->state.input()));
  const auto* attempt = run->state.current_attempt();
  const auto& specification = run->state.specification;
  auto prompt =
      compose_prompt(specification.plan.prompt,
                     {.text = specification.text, .input = input, .feedback = attempt->feedback});
  auto write = [this, task = run->state.id, number = attempt->number, prompt = std::move(prompt)] {
    return files_.write_prompt(task, number, prompt);
  };
  co_return co_await environment::run_on(worker_, std::move(write));
}

launch_context launcher::context_of(const task_run& run, variables caller,
                                    std::string prompt) const {
  launch_context context;
  context.program = program_;
  context.workspace = run.state.specification.directory;
  context.caller = std::move(caller);
  context.models = run.state.specification.plan.models;
  context.prompt = std::move(prompt);
  if (const auto* attempt = run.state.current_attempt()) {
    context.prompt_file = files_.prompt(run.state.id, attempt->number);
  }
  return context;
}

result<launch> launcher::rebuild(const task_run& run, const std::string& child) {
  NINE_TRY_ASSIGN(variables caller, files_.read_environment(run.state.id));
  const auto& plan = run.state.specification.plan;
  const auto role = role_of_child(run.state, child);
  switch (role.what) {
    case child_role::kind::input:
      return launch_of_command(plan.input.command, context_of(run, std::move(caller), ""));
    case child_role::kind::agent: {
      const auto attempt = run.state.current_attempt()->number;
      NINE_TRY_ASSIGN(std::string prompt, files_.read_prompt(run.state.id, attempt));
      return launch_of_agent(current_agent(run.state),
                             context_of(run, std::move(caller), std::move(prompt)));
    }
    case child_role::kind::gate:
      return launch_of_command(plan.gates[static_cast<std::size_t>(role.gate)],
                               context_of(run, std::move(caller), ""));
    case child_role::kind::past:
      break;
  }
  return fail(error_code::internal, "a child of no attempt, or of an earlier one");
}

supervision::child_request launcher::request_of(const task_run& run,
                                                const std::string& child) const {
  supervision::child_request request;
  request.name = child;
  request.specification = supervision::worker_child(child);
  request.specification.restart = supervision::restart_type::transient;
  const bool is_agent = role_of_child(run.state, child).what == child_role::kind::agent;
  const auto grace = is_agent ? current_agent(run.state).grace : limits_.shutdown_timeout;
  request.specification.shutdown = supervision::shutdown_policy::within(grace);
  request.intensity.restarts = limits_.restart_intensity;
  request.intensity.period = limits_.restart_period;
  request.delay.base = limits_.restart_delay.initial;
  request.delay.most = limits_.restart_delay.max;
  request.delay.spread = spread_of(limits_.restart_delay.jitter);
  request.crash_loop.crashes = limits_.crash_loop.crashes;
  request.crash_loop.window = limits_.crash_loop.window;
  request.crash_loop.cool_down = limits_.crash_loop.cool_down;
  if (const auto known = run.state.children.find(child); known != run.state.children.end()) {
    request.crashes = known->second.crashes;
  }
  return request;
}

}  // namespace nine::orchestration
