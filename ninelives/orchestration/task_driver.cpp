// The life of one task: next_action() decides, this carries out.

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/orchestration/judgement.hpp"
#include "ninelives/orchestration/orchestrator.hpp"
#include "ninelives/orchestration/prompt.hpp"
#include "ninelives/orchestration/task_run.hpp"
#include "ninelives/quality/validators.hpp"

namespace nine::orchestration {
namespace {

namespace asio = boost::asio;

const configuration::agent& agent_of(const execution::task_state& state) {
  return state.specification.plan.ladder[static_cast<std::size_t>(state.current_attempt()->rung)];
}

bool needs_place(const action& next) {
  return std::holds_alternative<capture_input>(next) ||
         std::holds_alternative<launch_agent>(next) || std::holds_alternative<launch_gate>(next);
}

/// Which of the present attempt's gates the child is; -1 for none.
int gate_of_child(const execution::task_state& state, const std::string& child) {
  if (!state.current_attempt()) return -1;
  const auto gates = static_cast<int>(state.specification.plan.gates.size());
  for (int gate = 0; gate < gates; ++gate) {
    if (child == execution::gate_child(state.id, state.current_attempt()->number, gate))
      return gate;
  }
  return -1;
}

std::string name_of(const configuration::command_line& command) {
  return fmt::format("{}", fmt::join(command.words, " "));
}

}  // namespace

orchestrator::async<> orchestrator::drive(run_pointer run) {
  while (!run->state.ended && fenced_reason_.empty()) {
    auto next = next_action(run->state, *this, environment_.clock.wall_now());
    const bool waits_for_place =
        needs_place(next) && (interrupting_ || !admission_.request(run->state.id));
    if (waits_for_place) next = wait_for_event{};
    co_await perform(run, std::move(next));
  }
  if (run->state.ended) co_await finish(run);
}

orchestrator::async<> orchestrator::perform(run_pointer run, action next) {
  if (auto* skip = std::get_if<skip_rung>(&next)) {
    note(*run, skip->fact);
  } else if (auto* begin = std::get_if<begin_attempt>(&next)) {
    run->launches.clear();
    note(*run, begin->fact);
  } else if (std::holds_alternative<capture_input>(next)) {
    co_await launch_child(run, execution::input_child(run->state.id));
  } else if (const auto* agent = std::get_if<launch_agent>(&next)) {
    co_await launch_child(run, execution::attempt_child(run->state.id, agent->attempt));
  } else if (const auto* gate = std::get_if<launch_gate>(&next)) {
    co_await launch_child(run, execution::gate_child(run->state.id, gate->attempt, gate->gate));
  } else if (auto* ended = std::get_if<conclude_child>(&next)) {
    co_await conclude(run, std::move(ended->child));
  } else if (const auto* validator = std::get_if<run_validator>(&next)) {
    co_await validate_result(run, validator->check);
  } else if (auto* stop = std::get_if<stop_child>(&next)) {
    const bool asked = run->stopping == stop->child;
    run->stopping = stop->child;
    if (!asked) static_cast<void>(supervisor_.stop(stop->child, stop->reason));
    co_await wait_for_change(run);
  } else if (auto* end = std::get_if<end_task>(&next)) {
    note(*run, end->fact);
  } else {
    co_await wait_for_change(run);
  }
}

/// Until something happens to the task, or the nearest deadline has passed.
orchestrator::async<> orchestrator::wait_for_change(run_pointer run) {
  using namespace asio::experimental::awaitable_operators;
  constexpr duration longest = 60s;  // wall time may jump: look again now and then
  const auto deadline = next_deadline(run->state);
  const auto now = environment_.clock.wall_now();
  auto patience = longest;
  if (deadline && *deadline > now) patience = std::min<duration>(longest, *deadline - now);
  co_await (run->changed.wait() || environment_.clock.sleep_for(patience));
}

orchestrator::async<> orchestrator::launch_child(run_pointer run, std::string child) {
  if (run->launching == child) co_return co_await wait_for_change(run);
  auto prepared = co_await prepare(run, child);
  if (!prepared) co_return launch_failed(*run, child, prepared.error().message);
  run->launches.insert_or_assign(child, *std::move(prepared));
  // The attempt is on disk before its agent begins: a core that finds the agent knows what it works
  // at.
  const auto flushed = co_await journal_.flush();
  if (!flushed) co_return give_up(flushed.error());
  if (run->state.cancelled || interrupting_) co_return;
  run->launching = child;
  const auto started = co_await supervisor_.start(request_of(*run, child));
  if (started) co_return;
  run->launching.clear();
  if (started.error().code == error_code::fenced) co_return give_up(started.error());
  launch_failed(*run, child, started.error().message);
}

/// The child could not even be begun; that is a verdict on the attempt, the gate or the input.
void orchestrator::launch_failed(task_run& run, const std::string& child,
                                 const std::string& reason) {
  if (interrupting_ && !run.state.cancelled)
    return;  // the home stops: no verdict, it is launched later
  const auto message = fmt::format("it could not be started: {}", reason);
  const auto* attempt = run.state.current_attempt();
  if (child == execution::input_child(run.state.id)) {
    note(run, execution::task_ended{.status = execution::task_status::failed,
                                    .result = {},
                                    .missing = {},
                                    .reason = "the input command: " + message});
    return;
  }
  if (!attempt) return;
  if (child == execution::attempt_child(run.state.id, attempt->number)) {
    if (attempt->ended) return;
    note(run, execution::attempt_ended{.attempt = attempt->number,
                                       .outcome = execution::attempt_outcome::failed,
                                       .reason = message,
                                       .result = {}});
    return;
  }
  const int gate = gate_of_child(run.state, child);
  if (gate < 0) return;
  note(run, execution::check_ended{
                .attempt = attempt->number,
                .check = static_cast<int>(attempt->checks.size()),
                .name = name_of(run.state.specification.plan.gates[static_cast<std::size_t>(gate)]),
                .passed = false,
                .evidence = message});
}

orchestrator::async<result<launch>> orchestrator::prepare(run_pointer run,
                                                          const std::string& child) {
  const auto* attempt = run->state.current_attempt();
  if (attempt && child == execution::attempt_child(run->state.id, attempt->number)) {
    NINE_CO_TRY(co_await prepare_prompt(run));
  }
  co_return rebuild_launch(*run, child);
}

/// Writes the attempt's prompt where every incarnation of it finds it.
orchestrator::async<result<void>> orchestrator::prepare_prompt(run_pointer run) {
  NINE_CO_TRY_ASSIGN(const auto input, co_await read(run->state.input()));
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

launch_context orchestrator::context_of(const task_run& run, variables caller,
                                        std::string prompt) const {
  launch_context context;
  context.program = options_.program;
  context.workspace = run.state.specification.directory;
  context.caller = std::move(caller);
  context.models = run.state.specification.plan.models;
  context.prompt = std::move(prompt);
  if (const auto* attempt = run.state.current_attempt()) {
    context.prompt_file = files_.prompt(run.state.id, attempt->number);
  }
  return context;
}

/// From files only, without waiting: also for a restart by a core that never prepared this child.
result<launch> orchestrator::rebuild_launch(const task_run& run, const std::string& child) {
  auto& files = const_cast<task_files&>(files_);
  NINE_TRY_ASSIGN(variables caller, files.read_environment(run.state.id));
  const auto& specification = run.state.specification;
  if (child == execution::input_child(run.state.id)) {
    return launch_of_command(specification.plan.input.command,
                             context_of(run, std::move(caller), ""));
  }
  const auto* attempt = run.state.current_attempt();
  if (!attempt) return fail(error_code::internal, "a child of no attempt");
  if (child == execution::attempt_child(run.state.id, attempt->number)) {
    NINE_TRY_ASSIGN(std::string prompt, files.read_prompt(run.state.id, attempt->number));
    return launch_of_agent(agent_of(run.state),
                           context_of(run, std::move(caller), std::move(prompt)));
  }
  const int gate = gate_of_child(run.state, child);
  if (gate < 0) return fail(error_code::internal, "a child of an earlier attempt");
  return launch_of_command(specification.plan.gates[static_cast<std::size_t>(gate)],
                           context_of(run, std::move(caller), ""));
}

supervision::child_request orchestrator::request_of(const task_run& run,
                                                    const std::string& child) const {
  const auto& limits = options_.supervision;
  supervision::child_request request;
  request.name = child;
  request.specification = supervision::worker_child(child);
  request.specification.restart = supervision::restart_type::transient;
  auto grace = limits.shutdown_timeout;
  const auto* attempt = run.state.current_attempt();
  if (attempt && child == execution::attempt_child(run.state.id, attempt->number)) {
    grace = agent_of(run.state).grace;
  }
  request.specification.shutdown = supervision::shutdown_policy::after(grace);
  request.intensity.restarts = limits.restart_intensity;
  request.intensity.period = limits.restart_period;
  request.delay.base = limits.restart_delay.initial;
  request.delay.most = limits.restart_delay.max;
  request.crash_loop.crashes = limits.crash_loop.crashes;
  request.crash_loop.window = limits.crash_loop.window;
  request.crash_loop.cool_down = limits.crash_loop.cool_down;
  if (const auto known = run.state.children.find(child); known != run.state.children.end()) {
    request.crashes = known->second.crashes;
  }
  return request;
}

orchestrator::async<> orchestrator::conclude(run_pointer run, std::string child) {
  run->stopping.clear();
  if (child == execution::input_child(run->state.id)) co_return co_await conclude_input(run, child);
  if (gate_of_child(run->state, child) >= 0) co_return co_await conclude_gate(run, child);
  co_await conclude_attempt(run);
}

orchestrator::async<> orchestrator::conclude_attempt(run_pointer run) {
  const auto attempt = run->state.current_attempt()->number;
  const auto child = execution::attempt_child(run->state.id, attempt);
  const auto& agent = agent_of(run->state);
  const auto last = run->state.children[child].last;
  const auto paths = files_.of_incarnation(run->state.id, child, last);
  auto result_file = paths.output;
  if (agent.result.from == configuration::result_source::kind::file) {
    result_file = std::filesystem::path(run->state.specification.directory) / agent.directory /
                  agent.result.path;
  }
  auto collect = [this, result_file, errors = paths.errors] {
    leavings left;
    auto text = files_.read_output(result_file, options_.limits.result_size);
    if (text) {
      left.result = *std::move(text);
    } else {
      left.result_problem = text.error().message;
    }
    left.error_tail = tail_of(files_.read_tail(errors, 2 * KiB), 1 * KiB);
    return left;
  };
  auto left = co_await environment::run_on(worker_, std::move(collect));
  auto end = judge_attempt(run->state, agent, std::move(left), environment_.clock.wall_now());
  auto kept = co_await keep(std::move(end.result.text));
  if (!kept) {
    end.outcome = execution::attempt_outcome::failed;
    end.reason = "the result could not be kept: " + kept.error().message;
    kept = execution::content{};
  }
  end.result = *std::move(kept);
  note(*run, end);
}

orchestrator::async<> orchestrator::conclude_gate(run_pointer run, const std::string& child) {
  const auto& state = run->state;
  const auto& ended = state.children.at(child);
  const auto paths = files_.of_incarnation(state.id, child, ended.last);
  auto collect = [this, paths, limit = options_.limits.evidence_size] {
    return tail_of(files_.read_tail(paths.output, limit) + files_.read_tail(paths.errors, limit),
                   limit);
  };
  const auto output = co_await environment::run_on(worker_, std::move(collect));
  const auto& gate =
      state.specification.plan.gates[static_cast<std::size_t>(gate_of_child(state, child))];
  const auto check = static_cast<int>(state.current_attempt()->checks.size());
  auto verdict = judge_gate(state, check, name_of(gate), ended, output);
  if (const auto expired = expired_reason(state, child, environment_.clock.wall_now());
      !verdict.passed && !expired.empty()) {
    verdict.evidence = expired + "\n" + verdict.evidence;
  }
  note(*run, verdict);
}

orchestrator::async<> orchestrator::conclude_input(run_pointer run, const std::string& child) {
  const auto& ended = run->state.children.at(child);
  const auto paths = files_.of_incarnation(run->state.id, child, ended.last);
  auto collect = [this, paths]() -> result<std::string> {
    return files_.read_output(paths.output, options_.limits.prompt_size);
  };
  auto output = co_await environment::run_on(worker_, std::move(collect));
  const auto exit = ended.exit;
  if (!exit.success() || !output) {
    const auto problem = output ? to_string(exit) + ": " + files_.read_tail(paths.errors, 1 * KiB)
                                : output.error().message;
    note(*run, execution::task_ended{.status = execution::task_status::failed,
                                     .result = {},
                                     .missing = {},
                                     .reason = "the input command failed: " + problem});
    co_return;
  }
  auto kept = co_await keep(*std::move(output));
  if (!kept) co_return launch_failed(*run, child, kept.error().message);
  note(*run, execution::input_captured{*std::move(kept)});
}

orchestrator::async<> orchestrator::validate_result(run_pointer run, int check) {
  const auto attempt = run->state.current_attempt()->number;
  const auto rule = run->state.specification.plan.validate[static_cast<std::size_t>(check)];
  const auto text = co_await read(run->state.current_attempt()->ended->result);
  const auto input = co_await read(run->state.input());
  quality::finding found{false, "the result cannot be read back"};
  if (text && input) found = quality::validate(rule, *text, *input);
  note(*run, execution::check_ended{attempt, check, quality::name_of(rule), found.passed,
                                    found.evidence});
}

orchestrator::async<> orchestrator::finish(run_pointer run) {
  const auto flushed = co_await journal_.flush();
  if (!flushed) co_return give_up(flushed.error());
  runs_.erase(run->state.id);
  if (const auto next = admission_.release(run->state.id)) {
    if (const auto admitted = find(*next)) admitted->changed.notify_all();
  }
}

}  // namespace nine::orchestration
