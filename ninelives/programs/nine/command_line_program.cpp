#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>

#include "ninelives/base/ids.hpp"
#include "ninelives/base/printable.hpp"
#include "ninelives/base/thrown.hpp"
#include "ninelives/base/utf8.hpp"
#include "ninelives/command_line/doctor.hpp"
#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/command_line/home_commands.hpp"
#include "ninelives/command_line/log_commands.hpp"
#include "ninelives/command_line/report.hpp"
#include "ninelives/command_line/run_command.hpp"
#include "ninelives/configuration/retries.hpp"
#include "ninelives/demo/demo_command.hpp"
#include "ninelives/environment/real/real_machine_facts.hpp"
#include "ninelives/environment/real/real_process_facts.hpp"
#include "ninelives/environment/real/real_termination.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/tombstone.hpp"
#include "ninelives/journal/stores/sqlite/examination.hpp"
#include "ninelives/programs/nine/command_words.hpp"
#include "ninelives/programs/nine/composition.hpp"
#include "ninelives/programs/nine/refuse_home.hpp"
#include "ninelives/programs/nine/run_arguments.hpp"
#include "ninelives/programs/nine/usage.hpp"

namespace nine::programs {
namespace {

namespace asio = boost::asio;
using command_line::terminal;

/// A command, ready to run once the arguments are understood.
using command = std::function<asio::awaitable<int>()>;

/// What the subcommands share while they are described and run.
struct session {
  composition& parts;
  terminal screen;
  command_line::client_seams seams;
  command_line::control_client client;
  std::optional<environment::real_termination> termination;
  command chosen;

  explicit session(composition& composition)
      : parts(composition),
        screen{.out = print_result,
               .err = [](std::string_view text) { environment::write_to(2, text); },
               .interactive = environment::is_terminal(2),
               .columns = environment::terminal_columns(2)},
        seams{composition.bundle(), composition.world.locks()},
        client(seams, composition.layout, composition.guard_command()) {}

  /// From here on Ctrl-C and SIGTERM end nothing by themselves: only for those who wait for them.
  environment::termination& watch_termination() {
    return termination ? *termination : termination.emplace(parts.world.executor());
  }
  command_line::run_seams run_seams() {
    return {parts.world.clock(), parts.world.random(), watch_termination()};
  }
};

void add_json(CLI::App* app, session& now) {
  app->add_flag("--json", now.screen.json, "print one JSON object instead of text");
}

/// Takes the names of tasks in any form they may have, and nothing else: they become part of an
/// address.
const CLI::Validator& task_name() {
  static const CLI::Validator check(
      [](std::string& text) -> std::string {
        const auto id = parse_task_id(text);
        if (!id) return id.error().message;
        text = to_string(*id);
        return "";
      },
      "", "task name");
  return check;
}

/// A command that asks the core for one thing and prints it.
CLI::App* add_view(CLI::App& parent, session& now, const std::string& name,
                   const std::string& about, std::function<std::string()> target,
                   command_line::renderer render) {
  auto* app = parent.add_subcommand(name, about);
  add_json(app, now);
  app->callback([&now, target = std::move(target), render = std::move(render)] {
    now.chosen = [&now, target, render] {
      return command_line::show(now.client, now.screen, target(), render);
    };
  });
  return app;
}

/// A home that was stopped stays so: a mistyped command must not bring its tasks back.
result<void> require_willing_home(session& now) {
  const auto& layout = now.parts.layout;
  NINE_TRY_ASSIGN(const auto stone, home::find_tombstone(now.parts.world.files(), layout));
  if (!stone) return home::prepare_home(now.parts.world.files(), layout);
  return fail(error_code::unavailable, fmt::format("this home is stopped ({}); 'nine up' starts it",
                                                   printable(stone->reason)));
}

asio::awaitable<int> run_task(session& now, run_arguments given,
                              std::vector<std::string> agent_command) {
  if (const auto willing = require_willing_home(now); !willing)
    co_return command_line::refuse(now.screen, willing.error());
  auto request = complete(std::move(given), std::move(agent_command));
  if (!request) {
    command_line::refuse(now.screen, request.error());
    co_return command_line::exit_usage;
  }
  co_return co_await command_line::run(now.client, now.screen, now.run_seams(),
                                       *std::move(request));
}

CLI::Validator retry_count() {
  return {[](const std::string& text) {
            const bool fits = text.size() == 1 && text[0] >= '0' &&
                              text[0] <= static_cast<char>('0' + configuration::retries_most);
            return fits ? ""
                        : fmt::format("'{}' is not 0 to {}", text, configuration::retries_most);
          },
          ""};
}

void add_run(CLI::App& root, session& now, std::vector<std::string>& agent_command) {
  auto given = std::make_shared<run_arguments>();
  auto& request = given->request;
  auto* app = root.add_subcommand(
      "run", "do a task and wait for its result; Ctrl-C detaches, twice cancels");
  app->add_option("text", request.text,
                  "what to do, or the name of a task type such as commit-message; - reads it from "
                  "standard input")
      ->required();
  app->add_option("--agent", request.agent, "who does it: an agent of nine.yaml");
  app->add_option("--input", given->input, "a file the task is about; - reads standard input");
  app->add_option("--directory,-C", request.directory, "where it runs (default: here)");
  app->add_option("--env", given->variables,
                  "a further variable for the agent: NAME or NAME=VALUE; may stand more than once")
      ->allow_extra_args(false);
  app->add_option("--prompt", request.prompt,
                  "how a program gets the prompt when its command has no placeholder: argument, "
                  "stdin or file (default: what the agent says; after -- stdin)");
  app->add_option("--result", request.result_from,
                  "where a program's result is found: stdout or exit_code (default: what the agent "
                  "says, else stdout)");
  app->add_option("--result-file", request.result_file,
                  "the result is in this file, below the agent's directory");
  app->add_option("--gate", request.gates,
                  "a command that judges the result: exit code 0 passes; may stand more than once")
      ->allow_extra_args(false);
  app->add_option("--timeout", given->timeout, "limit for the whole task, such as 10m");
  app->add_option("--attempt-timeout", given->attempt_timeout, "limit for each attempt");
  app->add_option("--retries", given->retries,
                  "further attempts after a result was not accepted, at most 3 (default: 3)")
      ->check(retry_count());
  app->add_flag("--detach,-d", request.detach, "print the task's id and do not wait");
  add_json(app, now);
  app->footer(
      "Any program can be the agent:  nine run TEXT -- PROGRAM ARGUMENT... with {prompt}, "
      "{prompt_file} "
      "and {workspace} filled in;\nwithout a placeholder it gets the prompt as --prompt says.");
  app->callback([&now, given, &agent_command] {
    now.chosen = [&now, given, &agent_command] { return run_task(now, *given, agent_command); };
  });
}

void add_task(CLI::App& root, session& now) {
  auto* task = root.add_subcommand("task", "list, show, wait, cancel, retry, explain");
  task->require_subcommand(1);
  auto id = std::make_shared<std::string>();
  auto limit = std::make_shared<int>(50);
  auto* list = add_view(
      *task, now, "list", "the newest tasks",
      [limit] { return fmt::format("/v1/tasks?limit={}", *limit); }, command_line::task_table);
  list->add_option("--limit", *limit, "how many at most")->check(CLI::Range(1, 1000));
  const auto with_id = [&](CLI::App* app) {
    app->add_option("id", *id, "such as t12")->required()->transform(task_name());
  };
  with_id(add_view(
      *task, now, "show", "one task: status, attempts, result", [id] { return "/v1/tasks/" + *id; },
      command_line::task_detail));
  with_id(add_view(
      *task, now, "explain", "what happened to it, fact by fact",
      [id] { return "/v1/tasks/" + *id + "/explain"; }, command_line::explanation));
  const auto add_change = [&](const std::string& name, const std::string& about,
                              std::function<std::string()> body) {
    auto* app = task->add_subcommand(name, about);
    with_id(app);
    add_json(app, now);
    app->callback([&now, id, name, body = std::move(body)] {
      now.chosen = [&now, id, name, body] {
        const command_line::renderer brief = [name](const boost::json::object& answer) {
          return fmt::format("{} {}\n", name, std::string_view(answer.at("task").as_string()));
        };
        return command_line::change(now.client, now.screen, "/v1/tasks/" + *id + "/" + name, body(),
                                    brief);
      };
    });
  };
  add_change("cancel", "end it; it never comes back", [] { return ""; });
  add_change("retry", "do it again as a new task", [&now] {
    const auto key = command_line::random_key(now.parts.world.random());
    return boost::json::serialize(boost::json::object{{"key", key}});
  });
  auto* wait = task->add_subcommand("wait", "wait for its end, as 'nine run' does");
  with_id(wait);
  add_json(wait, now);
  wait->callback([&now, id] {
    now.chosen = [&now, id] {
      return command_line::wait_for_task(now.client, now.screen, now.run_seams(), *id);
    };
  });
}

asio::awaitable<int> start_home(session& now, bool fresh_journal) {
  if (fresh_journal) {
    const auto aside = co_await set_journal_aside(now.parts, now.client);
    if (!aside) {
      now.screen.err(fmt::format("nine: {}\n", aside.error().message));
      co_return command_line::exit_failed;
    }
    now.screen.err(
        fmt::format("nine: the old journal and its tasks' files are in {}\n", aside->string()));
  }
  co_return co_await command_line::up(now.client, now.screen, now.seams, now.parts.layout);
}

command_line::doctor_seams doctor_seams(composition& parts) {
  return {.machine =
              [&parts] {
                return environment::look_at_machine(parts.layout.root(),
                                                    parts.world.clock().wall_now());
              },
          .inspect = environment::facts_of,
          .configuration =
              [&parts](const std::filesystem::path& directory) {
                return check_configuration(parts, directory);
              },
          .journal =
              [&parts] {
                return journal::stores::examine(parts.world.files(),
                                                parts.layout.journal_database());
              },
          .working_directory = environment::working_directory(),
          .shim_program = shim_program(parts)};
}

/// The core takes no longer one, but it would be told only when the home is on its way down.
CLI::Validator reason_that_fits() {
  constexpr std::size_t bytes_most = 4096;
  return {[](const std::string& reason) {
            return reason.size() <= bytes_most ? std::string() : "a reason has at most 4096 bytes";
          },
          ""};
}

void add_home(CLI::App& root, session& now) {
  auto* up = root.add_subcommand("up", "start the home");
  add_json(up, now);
  auto fresh = std::make_shared<bool>(false);
  up->add_flag("--fresh-journal", *fresh,
               "of a home whose journal is damaged: set it aside and begin an empty one");
  up->callback([&now, fresh] { now.chosen = [&now, fresh] { return start_home(now, *fresh); }; });
  auto* down = root.add_subcommand(
      "down", "stop everything in order; unfinished tasks go on with 'nine up'");
  add_json(down, now);
  auto reason = std::make_shared<std::string>("stopped by 'nine down'");
  down->add_option("--reason", *reason, "kept on record")->check(reason_that_fits());
  down->callback([&now, reason] {
    now.chosen = [&now, reason] {
      return command_line::down(now.client, now.screen, now.seams, now.parts.layout,
                                as_utf8(*reason));
    };
  });
  auto* status = root.add_subcommand("status", "processes, tasks, journal");
  add_json(status, now);
  status->callback([&now] {
    now.chosen = [&now] {
      return command_line::show_status(now.client, now.screen, now.seams, now.parts.layout,
                                       command_line::status_text);
    };
  });
  auto* ps = root.add_subcommand("ps", "every process of the home");
  add_json(ps, now);
  ps->callback([&now] {
    now.chosen = [&now] {
      return command_line::show_status(now.client, now.screen, now.seams, now.parts.layout,
                                       command_line::process_table);
    };
  });
  auto* doctor = root.add_subcommand(
      "doctor", "what is wrong with machine, configuration and home, and how to mend it");
  add_json(doctor, now);
  doctor->callback([&now] {
    now.chosen = [&now] {
      return command_line::doctor(now.client, now.screen, now.seams, doctor_seams(now.parts),
                                  now.parts.layout);
    };
  });
}

void add_views(CLI::App& root, session& now) {
  add_view(
      root, now, "tree", "tasks and the processes under them", [] { return "/v1/tree"; },
      command_line::tree_text);
  auto follow = std::make_shared<bool>(false);
  auto only = std::make_shared<std::string>();
  auto* events = root.add_subcommand("events", "the journal, a line a fact");
  add_json(events, now);
  events->add_flag("--follow,-f", *follow, "go on with what happens, through restarts of the core");
  events->add_option("--task", *only, "of one task")->transform(task_name());
  events->callback([&now, follow, only] {
    now.chosen = [&now, follow, only] {
      return command_line::events(now.client, now.screen, *only, *follow);
    };
  });
}

struct logs_arguments {
  std::string id;
  bool core = false;
  bool guard = false;
  command_line::home_log_request home;
};

void add_logs(CLI::App& root, session& now) {
  auto given = std::make_shared<logs_arguments>();
  auto* app = root.add_subcommand(
      "logs", "what a task's agents and gates printed; without a task, what guard and core did");
  auto* id = app->add_option("id", given->id, "a task, such as t12")->transform(task_name());
  app->add_flag("--core", given->core, "the core's log")->excludes(id);
  app->add_flag("--guard", given->guard, "the guard's log")->excludes(id);
  app->add_flag("--follow,-f", given->home.follow, "go on with what is added");
  app->add_option("--lines,-n", given->home.lines, "how many lines of guard and core at most")
      ->check(CLI::Range(1, 100'000));
  add_json(app, now);
  app->callback([&now, given] {
    now.chosen = [&now, given] {
      if (!given->id.empty()) {
        return command_line::task_logs(now.client, now.screen, now.seams, given->id,
                                       given->home.follow);
      }
      const auto logs = now.parts.layout.logs();
      if (given->guard || !given->core) given->home.files.push_back(logs / "guard.log");
      if (given->core || !given->guard) given->home.files.push_back(logs / "core.log");
      return command_line::home_logs(now.screen, now.seams, given->home);
    };
  });
}

struct demo_arguments {
  std::string repository;
  std::size_t tasks = 20;
  std::size_t kills = 30;
  std::uint64_t seed = 1;
  bool keep = false;
};

/// The demo has a home of its own in a scratch directory, and leaves nothing behind unless told to.
asio::awaitable<int> run_demo(session& now, demo_arguments given) {
  auto& files = now.parts.world.files();
  const auto scratch = std::filesystem::path("/tmp") /
                       fmt::format("nine-demo-{:016x}", now.parts.world.random().next());
  const home::home_layout layout(scratch / "home", environment::user_id());
  if (const auto made = files.make_directory(scratch); !made) {
    now.screen.err(fmt::format("nine: {}\n", made.error().message));
    co_return command_line::exit_failed;
  }
  auto guard = now.parts.guard_command();
  guard.environment = service_environment(layout);
  guard.log = layout.logs() / "guard.log";
  command_line::control_client client(now.seams, layout, guard);
  auto repository = environment::working_directory();
  if (!given.repository.empty()) repository /= given.repository;
  demo::demo_options options{.repository = repository,
                             .scratch = scratch,
                             .program = now.parts.program,
                             .tasks = given.tasks,
                             .kills = given.kills,
                             .seed = given.seed};
  auto& termination = now.watch_termination();
  const auto end = co_await demo::run_demo(client, now.screen, now.seams, termination, layout,
                                           std::move(options));
  if (given.keep || end.worth_a_look) {
    now.screen.err(fmt::format("kept: {}\n", scratch.string()));
  } else {
    static_cast<void>(files.remove(scratch));
    static_cast<void>(files.remove(layout.socket_directory()));
  }
  co_return end.exit_code;
}

void add_demo(CLI::App& root, session& now) {
  auto given = std::make_shared<demo_arguments>();
  auto* app = root.add_subcommand(
      "demo", "the main job under fire: real tasks while their processes are killed");
  app->add_option("--repo", given->repository,
                  "a git repository whose newest commits get messages (default: here)");
  app->add_option("--tasks", given->tasks, "how many")->check(CLI::Range(1, 200));
  app->add_option("--kills", given->kills, "how many processes to kill")
      ->check(CLI::Range(0, 1000));
  app->add_option("--seed", given->seed, "of faults and victims");
  app->add_flag("--keep", given->keep, "keep the demo's home for a look");
  add_json(app, now);
  app->callback([&now, given] { now.chosen = [&now, given] { return run_demo(now, *given); }; });
}

int execute(session& now) {
  int code = command_line::exit_failed;
  asio::co_spawn(now.parts.world.executor(), now.chosen(),
                 [&](const std::exception_ptr& thrown, int outcome) {
                   if (!thrown) code = outcome;
                   if (thrown) now.screen.err(fmt::format("nine: {}\n", describe_thrown(thrown)));
                   now.parts.world.context().stop();
                 });
  now.parts.world.context().run();
  return code;
}

}  // namespace

int run_command_line(composition& parts, const result<void>& homeless, int argc, char** argv) {
  session now(parts);
  std::vector<std::string> arguments(argv + 1, argv + argc);
  auto taken = take_agent_command(arguments);
  if (!taken) return command_line::refuse(now.screen, taken.error());
  auto agent_command = *std::move(taken);
  CLI::App root("Ninelives keeps AI agents working: agents die, their work does not.", "nine");
  root.require_subcommand(1);
  root.set_version_flag("--version", "nine " NINE_VERSION, "print the version and exit");
  root.footer(
      "The state is in $NINE_HOME, else ~/.local/state/ninelives; 'nine COMMAND --help' tells "
      "more.\n"
      "'nine sim-model --help': a simulated model to try agents against.");
  add_run(root, now, agent_command);
  add_task(root, now);
  add_views(root, now);
  add_logs(root, now);
  add_home(root, now);
  add_demo(root, now);
  if (arguments.empty()) {
    now.screen.err(root.help());
    return command_line::exit_usage;
  }
  if (arguments.front() == "help") arguments.front() = "--help";
  if (const auto unknown = unknown_word(root, arguments); !unknown.empty()) {
    now.screen.err(fmt::format("nine: {}\n", printable(unknown)));
    return command_line::exit_usage;
  }
  std::ranges::reverse(arguments);
  try {
    root.parse(arguments);
  } catch (const CLI::ParseError& problem) {
    return tell_usage(root, problem);
  }
  if (!homeless) return command_line::refuse(now.screen, homeless.error());
  return execute(now);
}

}  // namespace nine::programs
