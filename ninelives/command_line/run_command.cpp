#include "ninelives/command_line/run_command.hpp"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>

#include "ninelives/base/json_text.hpp"
#include "ninelives/base/printable.hpp"
#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/command_line/home_commands.hpp"
#include "ninelives/command_line/report.hpp"
#include "ninelives/command_line/sendable.hpp"

namespace nine::command_line {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

constexpr duration give_patience = 60s;
constexpr duration wait_patience = 24h;
constexpr duration second_press_within = 2s;
constexpr duration answer_after_press_within = 2s;

boost::json::array array_of(const std::vector<std::string>& texts) {
  boost::json::array array;
  for (const auto& text : texts)
    array.emplace_back(text);
  return array;
}

std::string body_of(const run_request& request, std::string key) {
  boost::json::object body{{"key", key}, {"text", request.text}, {"directory", request.directory}};
  if (!request.agent.empty()) body["agent"] = request.agent;
  if (!request.command.empty()) body["command"] = array_of(request.command);
  if (!request.gates.empty()) body["gates"] = array_of(request.gates);
  if (!request.pass.empty()) body["pass"] = array_of(request.pass);
  if (!request.input.empty()) body["input"] = request.input;
  if (!request.prompt.empty()) body["prompt"] = request.prompt;
  if (!request.result_from.empty()) body["result"] = request.result_from;
  if (!request.result_file.empty()) body["result_file"] = request.result_file;
  if (request.attempt_timeout_ms) body["attempt_timeout_ms"] = *request.attempt_timeout_ms;
  if (request.timeout_ms) body["timeout_ms"] = *request.timeout_ms;
  if (request.retries) body["retries"] = *request.retries;
  boost::json::object variables;
  for (const auto& [name, value] : request.environment)
    variables[name] = value;
  body["environment"] = std::move(variables);
  return boost::json::serialize(body);
}

std::string progress_of(const boost::json::object& task) {
  const auto* history = task.if_contains("history");
  std::string agent;
  if (history && history->is_array() && !history->get_array().empty()) {
    const auto& last = history->get_array().back().as_object();
    agent = fmt::format(", attempt {} by {}", history->get_array().size(), text_in(last, "agent"));
  }
  const auto* elapsed = task.if_contains("duration_ms");
  const auto seconds = elapsed && elapsed->is_int64() ? elapsed->get_int64() / 1000 : 0;
  return fmt::format("{}: {}{}, {} s", text_in(task, "task"), text_in(task, "status"), agent,
                     seconds);
}

/// Asks for the task until it has ended; tells how it stands in between.
asio::awaitable<result<boost::json::object>> follow(control_client& client, progress_line& progress,
                                                    std::string task) {
  for (;;) {
    auto answer = co_await client.call("GET", fmt::format("/v1/tasks/{}?wait_ms=1000", task), "",
                                       wait_patience);
    if (!answer) co_return std::unexpected(answer.error());
    auto& view = answer->as_object();
    const auto status = text_in(view, "status");
    if (!view["result"].is_null()) co_return std::move(view);
    progress.show(progress_of(view));
  }
}

void print_json(terminal& terminal, const boost::json::object& object) {
  terminal.out(boost::json::serialize(object) + "\n");
}

/// Ctrl-C while the task is being given: the core may have it, and nobody told us its name.
int leave_unanswered(terminal& terminal) {
  terminal.err(
      "\ninterrupted before the core has answered: the task may have been taken; 'nine task list' "
      "shows it, 'nine task cancel ID' ends it\n");
  return exit_cancelled;
}

/// After a first Ctrl-C: the task goes on without us, unless there is a second one.
asio::awaitable<int> detach_or_cancel(control_client& client, terminal& terminal, run_seams seams,
                                      std::string task) {
  terminal.err(fmt::format(
      "\ndetached: {0} goes on. Come back with 'nine task wait {0}'; Ctrl-C again cancels it.\n",
      task));
  if (terminal.json) print_json(terminal, {{"task", task}, {"detached", true}});
  const auto pressed =
      co_await (seams.termination.requested() || seams.clock.sleep_for(second_press_within));
  if (pressed.index() == 1) co_return exit_cancelled;
  const auto cancelled = co_await client.call("POST", fmt::format("/v1/tasks/{}/cancel", task),
                                              R"({"reason":"cancelled by Ctrl-C"})", give_patience);
  if (!cancelled) co_return refuse(terminal, cancelled.error());
  terminal.err(fmt::format("cancelled {}\n", task));
  co_return exit_cancelled;
}

/// Completes a little after a first Ctrl-C, or at a second one: the answer that is on its way names
/// the task, and who has that name can come back to it.
asio::awaitable<void> lose_patience(run_seams seams, bool& interrupted) {
  co_await seams.termination.requested();
  interrupted = true;
  co_await (seams.termination.requested() || seams.clock.sleep_for(answer_after_press_within));
}

}  // namespace

std::string random_key(environment::random& random) {
  return fmt::format("{:016x}{:016x}", random.next(), random.next());
}

int print_end(terminal& terminal, const boost::json::object& task) {
  const auto status = text_in(task, "status");
  if (terminal.json) {
    print_json(terminal, task);
    return exit_code_of(status);
  }
  if (const auto text = text_in(task, "result"); !text.empty()) terminal.out(text + "\n");
  if (status != "succeeded") terminal.err(end_line(task) + "\n");
  return exit_code_of(status);
}

asio::awaitable<int> wait_for_task(control_client& client, terminal& terminal, run_seams seams,
                                   std::string task) {
  progress_line progress(terminal);
  client.on_waiting = [&](bool waiting, const std::string& why) {
    progress.show(waiting ? fmt::format("{}: waiting for the core to come back ({})", task, why)
                          : task + ": back");
  };
  auto outcome = co_await (follow(client, progress, task) || seams.termination.requested());
  progress.clear();
  if (outcome.index() == 1) co_return co_await detach_or_cancel(client, terminal, seams, task);
  const auto& ended = std::get<0>(outcome);
  if (!ended) co_return refuse(terminal, ended.error());
  co_return print_end(terminal, *ended);
}

asio::awaitable<int> run(control_client& client, terminal& terminal, run_seams seams,
                         run_request request) {
  if (const auto fit = make_sendable(request); !fit) co_return refuse(terminal, fit.error());
  auto body = body_of(request, random_key(seams.random));
  client.on_waiting = [&](bool waiting, const std::string& why) {
    if (waiting)
      terminal.err(
          fmt::format("nine: the task is not taken yet ({}); trying on\n", printable(why)));
  };
  auto given = client.call("POST", "/v1/tasks", std::move(body), give_patience);
  bool interrupted = false;
  const auto outcome = co_await (std::move(given) || lose_patience(seams, interrupted));
  if (outcome.index() == 1) co_return leave_unanswered(terminal);
  const auto& answer = std::get<0>(outcome);
  if (!answer) co_return refuse(terminal, answer.error());
  const auto task = text_in(answer->as_object(), "task");
  if (interrupted) co_return co_await detach_or_cancel(client, terminal, seams, task);
  if (!request.detach) co_return co_await wait_for_task(client, terminal, seams, task);
  if (terminal.json)
    print_json(terminal, {{"task", task}});
  else
    terminal.out(task + "\n");
  co_return exit_succeeded;
}

}  // namespace nine::command_line
