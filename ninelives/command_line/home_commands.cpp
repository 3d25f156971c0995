#include "ninelives/command_line/home_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "ninelives/base/printable.hpp"
#include "ninelives/base/utf8.hpp"
#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/command_line/report.hpp"
#include "ninelives/command_line/shims_left.hpp"
#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/tombstone.hpp"

namespace nine::command_line {
namespace {

namespace asio = boost::asio;

constexpr duration patience = 60s;

int print(terminal& terminal, const boost::json::value& answer, const renderer& render) {
  const bool plain = terminal.json || !answer.is_object();
  terminal.out(plain ? boost::json::serialize(answer) + "\n" : render(answer.get_object()));
  return exit_succeeded;
}

/// Who runs this home, in words; empty when nobody does.
std::string running_already(client_seams seams, const home::home_layout& layout) {
  std::string who;
  const auto add = [&](std::string_view role, const std::filesystem::path& lock) {
    const auto holder = seams.locks.holder(lock);
    if (holder) who += fmt::format("{}{} {}", who.empty() ? "" : ", ", role, holder->pid);
  };
  add("guard", layout.guard_lock());
  add("core", layout.core_lock());
  if (who.empty()) return "";
  return fmt::format("nine: {} is running already ({})\n", layout.root().string(), who);
}

/// What cannot be looked at counts as there.
bool has_shims(environment::files& files, const home::home_layout& layout) {
  const auto names = files.list(layout.shims());
  if (!names) return names.error().code != error_code::not_found;
  return !names->empty();
}

/// Until guard and core hold no lock any more and are proved dead: a lock is let go a moment before
/// its holder has ended. False when that takes longer than the patience.
asio::awaitable<bool> wait_until_gone(client_seams seams, const home::home_layout& layout,
                                      std::vector<environment::process_identity> seen) {
  auto& clock = seams.environment.clock;
  const auto deadline = clock.now() + patience;
  while (clock.now() < deadline) {
    bool held = false;
    for (const auto& lock : {layout.guard_lock(), layout.core_lock()}) {
      const auto holder = seams.locks.holder(lock);
      held = held || holder;
      if (holder && std::ranges::find(seen, *holder) == seen.end()) seen.push_back(*holder);
    }
    const bool alive = std::ranges::any_of(seen, [&](const environment::process_identity& process) {
      return seams.environment.processes.probe(process) != environment::liveness::gone;
    });
    if (!held && !alive) co_return true;
    co_await clock.sleep_for(10ms);
  }
  co_return false;
}

/// The home is to be stopped, and no core can serve it: what runs is ended without one.
asio::awaitable<int> end_without_core(terminal& terminal, client_seams seams,
                                      const home::home_layout& layout, const std::string& reason,
                                      const error& why) {
  const bool served = seams.locks.holder(layout.core_lock()).has_value();
  if (served || why.code != error_code::precondition_failed) co_return refuse(terminal, why);
  const auto ended = co_await end_shims_left(seams, layout);
  if (!ended) co_return refuse(terminal, ended.error());
  auto& files = seams.environment.files;
  const auto marked = home::mark_stopped(files, layout, reason, seams.environment.clock.wall_now());
  if (!marked) co_return refuse(terminal, marked.error());
  static_cast<void>(refuse(terminal, why));
  co_return print(terminal, boost::json::object{{"state", "stopped"}, {"agents_ended", *ended}},
                  [](const boost::json::object& answer) {
                    return fmt::format("stopped; agents ended without a core: {}\n",
                                       answer.at("agents_ended").to_number<std::size_t>());
                  });
}

/// Asks the core to end everything, and waits until it and the guard are gone.
asio::awaitable<result<void>> end_all(control_client& client, client_seams seams,
                                      const home::home_layout& layout, const std::string& reason) {
  NINE_CO_TRY_ASSIGN(const auto stopped, home::find_tombstone(seams.environment.files, layout));
  const auto guard = seams.locks.holder(layout.guard_lock());
  const auto core = seams.locks.holder(layout.core_lock());
  std::vector<environment::process_identity> seen;
  if (guard) seen.push_back(*guard);
  if (core) seen.push_back(*core);
  const bool agents_left = has_shims(seams.environment.files, layout);
  if (!home::rests(stopped) || agents_left) {
    // Should there be no core, or one that dies, another is started to end what is left, and for
    // nothing else.
    auto& files = seams.environment.files;
    auto& clock = seams.environment.clock;
    NINE_CO_TRY(home::mark_ending(files, layout, reason, clock.wall_now()));
    auto body = boost::json::serialize(boost::json::object{{"reason", reason}});
    const auto answer = co_await client.call("POST", "/v1/down", std::move(body), patience);
    if (!answer && answer.error().code != error_code::unavailable)
      co_return std::unexpected(answer.error());
    if (!answer) {
      // Nobody could be asked, or nobody lived to answer; the wish holds all the same.
      NINE_CO_TRY(home::mark_stopped(files, layout, reason, clock.wall_now()));
    }
  }
  if (co_await wait_until_gone(seams, layout, std::move(seen))) co_return result<void>();
  co_return fail(error_code::timed_out,
                 "the home's processes have not ended after 60 s; 'nine doctor' looks into it");
}

}  // namespace

int refuse(terminal& terminal, const error& problem) {
  terminal.err(fmt::format("nine: {}\n", printable(problem.message)));
  const bool usage =
      problem.code == error_code::invalid_argument || problem.code == error_code::not_found;
  return usage ? exit_usage : exit_failed;
}

void tell_waiting(control_client& client, terminal& terminal) {
  client.on_waiting = [&terminal](bool waiting, const std::string& why) {
    if (waiting) terminal.err(fmt::format("nine: waiting for the core: {}\n", printable(why)));
  };
}

asio::awaitable<int> show(control_client& client, terminal& terminal, std::string target,
                          renderer render) {
  tell_waiting(client, terminal);
  const auto answer = co_await client.call("GET", std::move(target), "", patience);
  if (!answer) co_return refuse(terminal, answer.error());
  co_return print(terminal, *answer, render);
}

asio::awaitable<int> change(control_client& client, terminal& terminal, std::string target,
                            std::string body, renderer render) {
  tell_waiting(client, terminal);
  const auto answer = co_await client.call("POST", std::move(target), std::move(body), patience);
  if (!answer) co_return refuse(terminal, answer.error());
  co_return print(terminal, *answer, render);
}

asio::awaitable<int> show_status(control_client& client, terminal& terminal, client_seams seams,
                                 const home::home_layout& layout, renderer render) {
  const auto stopped = home::find_tombstone(seams.environment.files, layout);
  if (!stopped) co_return refuse(terminal, stopped.error());
  if (!*stopped) co_return co_await show(client, terminal, "/v1/status", std::move(render));
  const boost::json::object status{{"state", "stopped"},
                                   {"reason", as_utf8((*stopped)->reason)},
                                   {"since_ms", to_milliseconds((*stopped)->since)},
                                   {"processes", boost::json::array()}};
  const renderer brief = [](const boost::json::object& answer) {
    return fmt::format("stopped: {}; 'nine up' starts it\n",
                       printable(answer.at("reason").as_string()));
  };
  co_return print(terminal, status, brief);
}

asio::awaitable<int> up(control_client& client, terminal& terminal, client_seams seams,
                        const home::home_layout& layout) {
  if (const auto made = home::prepare_home(seams.environment.files, layout); !made) {
    co_return refuse(terminal, made.error());
  }
  if (const auto cleared = home::clear_tombstone(seams.environment.files, layout); !cleared) {
    co_return refuse(terminal, cleared.error());
  }
  const auto runs = running_already(seams, layout);
  if (!runs.empty()) terminal.err(runs);
  co_return co_await show(client, terminal, "/v1/status", status_text);
}

asio::awaitable<int> down(control_client& client, terminal& terminal, client_seams seams,
                          const home::home_layout& layout, std::string reason) {
  const auto root = seams.environment.files.information(layout.root());
  if (!root && root.error().code == error_code::not_found) {
    co_return print(terminal, boost::json::object{{"state", "stopped"}},
                    [&layout](const boost::json::object&) {
                      return "there is no home at " + layout.root().string() + "; nothing runs\n";
                    });
  }
  const bool guarded = seams.locks.holder(layout.guard_lock()).has_value();
  const bool served = seams.locks.holder(layout.core_lock()).has_value();
  if (!guarded && !served && !has_shims(seams.environment.files, layout)) {
    // Nobody is there to ask; the wish holds all the same.
    const auto now = seams.environment.clock.wall_now();
    const auto marked = home::mark_stopped(seams.environment.files, layout, reason, now);
    if (!marked) co_return refuse(terminal, marked.error());
    co_return print(
        terminal, boost::json::object{{"state", "stopped"}},
        [](const boost::json::object&) { return std::string("stopped; it was not running\n"); });
  }
  constexpr int rounds_most = 3;
  for (int round = 0; round < rounds_most; ++round) {
    const auto ended = co_await end_all(client, seams, layout, reason);
    if (!ended) co_return co_await end_without_core(terminal, seams, layout, reason, ended.error());
    if (has_shims(seams.environment.files, layout)) continue;  // the core died while it ended them
    co_return print(terminal, boost::json::object{{"state", "stopped"}},
                    [](const boost::json::object&) { return std::string("stopped\n"); });
  }
  co_return refuse(terminal, {error_code::timed_out,
                              "some agents could not be ended; try again, and see 'nine doctor'"});
}

namespace {

/// The number of the newest fact on disk.
asio::awaitable<result<std::string>> newest_fact(control_client& client) {
  NINE_CO_TRY_ASSIGN(const auto status, co_await client.call("GET", "/v1/status", "", patience));
  boost::json::error_code problem;
  const auto* number = status.find_pointer("/journal/last_durable", problem);
  if (!number || problem)
    co_return fail(error_code::protocol_error, "the core does not say which fact is its newest");
  co_return boost::json::serialize(*number);
}

/// True: the stream has ended in good order; false: it was cut.
asio::awaitable<bool> print_events(http::event_reader& stream, terminal& terminal,
                                   std::string& last_seen) {
  for (;;) {
    auto next = co_await stream.next();
    if (!next) co_return false;
    if (!*next) co_return true;
    last_seen = (*next)->id;
    boost::json::error_code problem;
    const auto data = boost::json::parse((*next)->data, problem);
    if (problem || !data.is_object()) continue;
    terminal.out(terminal.json ? (*next)->data + "\n" : event_line(data.get_object()));
  }
}

}  // namespace

asio::awaitable<int> events(control_client& client, terminal& terminal, std::string task,
                            bool follow) {
  tell_waiting(client, terminal);
  // Where it begins is settled before it follows: the next core would begin at its own newest fact.
  std::string last_seen = "0";
  if (follow) {
    auto newest = co_await newest_fact(client);
    if (!newest) co_return refuse(terminal, newest.error());
    last_seen = *std::move(newest);
    terminal.err(fmt::format("nine: telling what comes after fact {}; Ctrl-C ends\n", last_seen));
  }
  const auto target = fmt::format("/v1/events?{}{}", follow ? "" : "until_now=1&",
                                  task.empty() ? "" : "task=" + task);
  for (;;) {
    auto stream = co_await client.events(target, last_seen, patience);
    if (!stream) co_return refuse(terminal, stream.error());
    const bool whole = co_await print_events(*stream, terminal, last_seen);
    if (whole && !follow) co_return exit_succeeded;
  }
}

}  // namespace nine::command_line
