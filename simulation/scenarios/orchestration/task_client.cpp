#include "simulation/scenarios/orchestration/task_client.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/json.hpp>

#include "ninelives/command_line/control_client.hpp"
#include "ninelives/command_line/home_commands.hpp"
#include "ninelives/command_line/terminal.hpp"
#include "simulation/machine/function_program.hpp"
#include "simulation/machine/machine.hpp"
#include "simulation/scenarios/orchestration/home_programs.hpp"

namespace nine::simulation {
namespace {

namespace asio = boost::asio;

constexpr duration call_patience = 2min;
constexpr duration pause_after_refusal = 1s;
constexpr double cancels = 0.15;
constexpr double gives_again = 0.5;

supervision::guard::guard_command guard_command(const orchestration_home& home) {
  return {.arguments = {orchestration_home::guard_program, "guard"},
          .environment = service_variables(home)};
}

std::string text_in(const boost::json::value& answer, std::string_view name) {
  const auto* object = answer.if_object();
  const auto* found = object ? object->if_contains(name) : nullptr;
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

class task_client final : public program {
 public:
  task_client(process_context& context, orchestration_home& home)
      : program(context),
        home_(home),
        random_(context.random().next()),
        seams_(context.bundle(), home.seam_plan),
        client_({seams_.bundle(), context.locks()}, home.layout, guard_command(home)) {}

  asio::awaitable<int> run() override;

 private:
  asio::awaitable<std::string> give();
  asio::awaitable<std::string> give_again(std::string task);
  asio::awaitable<std::string> wait_for_end(std::string task);
  asio::awaitable<void> cancel_later(std::string task);
  asio::awaitable<boost::json::value> ask(std::string method, std::string target, std::string body);

  orchestration_home& home_;
  random_stream random_;
  faulty_seams seams_;
  command_line::control_client client_;
};

asio::awaitable<int> task_client::run() {
  const auto task = co_await give();
  const bool stays = context_.arguments().at(1) == task_client_that_stays;
  if (!stays && random_.chance(cancels)) {
    asio::co_spawn(context_.executor(), cancel_later(task), asio::detached);
  }
  const auto status = co_await wait_for_end(task);
  if (status != "failed" || !random_.chance(gives_again)) co_return 0;
  const auto again = co_await give_again(task);
  co_await wait_for_end(again);
  co_return 0;
}

/// Until an answer comes that is none of the passing troubles of a home.
asio::awaitable<boost::json::value> task_client::ask(std::string method, std::string target,
                                                     std::string body) {
  for (;;) {
    auto answer = co_await client_.call(method, target, body, call_patience);
    if (answer) co_return *std::move(answer);
    home_.say(
        fmt::format("client {}: {}: {}", context_.self().pid, target, answer.error().message));
    const auto code = answer.error().code;
    if (code == error_code::precondition_failed) co_return boost::json::value();
    co_await context_.clock().sleep_for(pause_after_refusal);
  }
}

asio::awaitable<std::string> task_client::give() {
  const auto& key = context_.arguments().at(1);
  const boost::json::object body{{"key", key},
                                 {"text", context_.arguments().at(2)},
                                 {"directory", "/work"},
                                 {"input", "the input of " + key}};
  auto text = boost::json::serialize(body);
  const auto answer = co_await ask("POST", "/v1/tasks", std::move(text));
  auto task = text_in(answer, "task");
  home_.ledger->accepted(key, task);
  co_return task;
}

asio::awaitable<std::string> task_client::give_again(std::string task) {
  std::string target = "/v1/tasks/" + task + "/retry";
  const auto key = context_.arguments().at(1) + " again";
  auto body = boost::json::serialize(boost::json::object{{"key", key}});
  const auto answer = co_await ask("POST", std::move(target), std::move(body));
  auto again = text_in(answer, "task");
  home_.ledger->accepted(key, again);
  co_return again;
}

asio::awaitable<std::string> task_client::wait_for_end(std::string task) {
  for (;;) {
    std::string target = "/v1/tasks/" + task + "?wait_ms=20000";
    const auto answer = co_await ask("GET", std::move(target), "");
    auto status = text_in(answer, "status");
    const bool ended = status == "succeeded" || status == "degraded" || status == "failed" ||
                       status == "cancelled";
    if (!ended) continue;
    home_.ledger->told_end(task, status, text_in(answer, "result"));
    co_return status;
  }
}

asio::awaitable<void> task_client::cancel_later(std::string task) {
  const auto pause = random_.between(1ms, 10s);
  co_await context_.clock().sleep_for(pause);
  std::string target = "/v1/tasks/" + task + "/cancel";
  const auto answer = co_await ask("POST", std::move(target), "");
  if (!text_in(answer, "task").empty()) home_.ledger->cancelled(task);
}

/// A command's words go into the story.
command_line::terminal terminal_of(const orchestration_home& home, std::string who) {
  const auto say = [&home, who = std::move(who)](std::string_view text) {
    home.say(fmt::format("{}: {}", who, text.substr(0, text.find('\n'))));
  };
  return {.out = say, .err = say};
}

asio::awaitable<int> stop_home(process_context& context, const orchestration_home& home) {
  const command_line::client_seams seams{context.bundle(), context.locks()};
  command_line::control_client client(seams, home.layout, guard_command(home));
  auto terminal = terminal_of(home, "down");
  std::string reason = "it is night";
  auto stopping = command_line::down(client, terminal, seams, home.layout, std::move(reason));
  co_return co_await std::move(stopping);
}

asio::awaitable<int> start_home(process_context& context, const orchestration_home& home) {
  const command_line::client_seams seams{context.bundle(), context.locks()};
  command_line::control_client client(seams, home.layout, guard_command(home));
  auto terminal = terminal_of(home, "up");
  for (;;) {
    auto starting = command_line::up(client, terminal, seams, home.layout);
    const int code = co_await std::move(starting);
    if (code == 0) co_return 0;
    co_await context.clock().sleep_for(1s);
  }
}

}  // namespace

program_factory task_clients(orchestration_home& home) {
  return [&home](process_context& context) { return std::make_unique<task_client>(context, home); };
}

program_factory home_stoppers(orchestration_home& home) {
  return program_of([&home](process_context& context) { return stop_home(context, home); });
}

program_factory home_starters(orchestration_home& home) {
  return program_of([&home](process_context& context) { return start_home(context, home); });
}

}  // namespace nine::simulation
