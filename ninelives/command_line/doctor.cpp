#include "ninelives/command_line/doctor.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "ninelives/base/printable.hpp"
#include "ninelives/command_line/core_log.hpp"
#include "ninelives/command_line/doctor_checks.hpp"
#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/home/prepare_home.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/home/tombstone.hpp"

namespace nine::command_line {
namespace {

namespace asio = boost::asio;

/// All that one examination shares.
struct examination {
  control_client& client;
  client_seams seams;
  doctor_seams look;
  const home::home_layout& layout;
  findings found{};

  void add(finding one) { found.push_back(std::move(one)); }
  void add(findings more) { found.insert(found.end(), more.begin(), more.end()); }
};

void look_at_configuration(examination& now) {
  const auto& home = now.layout.root();
  now.add(check_configuration(home, now.look.configuration(home)));
  const auto& here = now.look.working_directory;
  // A mistake of the home's file is told once.
  if (now.found.back().how == finding::severity::good)
    now.add(check_configuration(here, now.look.configuration(here)));
}

/// Whether files can be made in a directory: nothing but trying tells for all file systems.
result<void> try_to_write(environment::files& files, const std::filesystem::path& directory) {
  const auto probe = directory / ".nine-doctor";
  auto written = files.write_durably(probe, "probe\n");
  static_cast<void>(files.remove(probe));
  return written;
}

/// A home that is not there yet will be made in the nearest directory above that is.
result<void> try_above(environment::files& files, std::filesystem::path place) {
  while (place.has_relative_path() && !files.information(place))
    place = place.parent_path();
  return try_to_write(files, place);
}

/// False: the home cannot be looked into.
bool look_at_root(examination& now) {
  auto& files = now.seams.environment.files;
  const auto& place = now.layout.root();
  const auto root = files.information(place);
  if (!root && root.error().code == error_code::not_found)
    now.add(check_missing_home(place, try_above(files, place)));
  else
    now.add(check_directory(place, root));
  return root && root->is_directory;
}

void look_at_directories(examination& now) {
  auto& files = now.seams.environment.files;
  const auto& layout = now.layout;
  if (const auto sockets = files.information(layout.socket_directory()))
    now.add(check_directory(layout.socket_directory(), sockets));
  if (const auto written = try_to_write(files, layout.root()); !written) {
    now.add({finding::severity::wrong, written.error().message,
             "free some space, or set NINE_HOME to a place that can be written"});
  }
  for (const auto& directory : {layout.root(), layout.run_directory(), layout.credentials()}) {
    if (const auto names = files.list(directory)) now.add(check_leftovers(directory, *names));
  }
  const auto key = home::read_home_key(files, layout);
  if (!key && key.error().code != error_code::not_found) {
    now.add({finding::severity::wrong, key.error().message,
             "tasks given before cannot go on without their key: cancel them and give them anew"});
  }
  if (const auto journal = files.information(layout.journal_database()))
    now.add(check_clock_against(journal->modified, now.seams.environment.clock.wall_now()));
}

void look_at_role(examination& now, std::string role, const std::filesystem::path& lock) {
  role_sight sight{std::move(role), now.seams.locks.holder(lock)};
  if (sight.holder) sight.seen = now.look.inspect(*sight.holder);
  now.add(check_role(sight));
}

void look_at_stopped_home(examination& now, const home::tombstone& stone) {
  now.add({finding::severity::good,
           fmt::format("the home is stopped on purpose: {}; 'nine up' starts it", stone.reason)});
  const auto shims = now.seams.environment.files.list(now.layout.shims());
  if (shims && !shims->empty()) {
    now.add({finding::severity::warning,
             fmt::format("the home is stopped, but {} agents were left behind", shims->size()),
             "'nine down' ends them"});
  }
  const auto journal = now.look.journal();
  if (!journal && journal.error().code != error_code::not_found) now.add(check_causes(journal, ""));
}

asio::awaitable<void> look_at_processes(examination& now) {
  if (const auto refusal = home::find_refusal(now.seams.environment.files, now.layout)) {
    now.add({finding::severity::wrong, *refusal,
             "do what it says; 'nine up' tries again, once the cause is gone"});
  }
  look_at_role(now, "guard", now.layout.guard_lock());
  look_at_role(now, "core", now.layout.core_lock());
  constexpr duration patience = 10s;
  // One that does not run, or is stopped, cannot answer, and that is told already.
  const bool may_answer = now.found.back().how != finding::severity::wrong;
  if (may_answer) {
    const auto status = co_await now.client.look("/v1/status", patience);
    if (status && status->is_object()) {
      now.add(check_status(status->get_object()));
      co_return;
    }
    now.add(check_silence(status ? error{error_code::protocol_error, "no JSON object"}
                                 : status.error()));
  }
  now.add(
      check_causes(now.look.journal(), last_core_error(now.seams.environment.files, now.layout)));
}

std::string_view word_for(finding::severity how) {
  switch (how) {
    case finding::severity::good:
      break;
    case finding::severity::warning:
      return "warning";
    case finding::severity::wrong:
      return "WRONG";
  }
  return "ok";
}

int report(terminal& terminal, const findings& all) {
  bool healthy = true;
  boost::json::array list;
  std::string text;
  for (const auto& one : all) {
    const bool wrong = one.how == finding::severity::wrong;
    healthy = healthy && !wrong;
    list.push_back({{"severity", word_for(one.how)},
                    {"wrong", wrong},
                    {"what", one.what},
                    {"mend", one.mend}});
    text += fmt::format("{:<8} {}\n", word_for(one.how), printable(one.what));
    if (!one.mend.empty()) text += fmt::format("{:<8} -> {}\n", "", printable(one.mend));
  }
  if (terminal.json)
    text = boost::json::serialize(boost::json::object{{"healthy", healthy}, {"findings", list}}) +
           "\n";
  terminal.out(text);
  return healthy ? exit_succeeded : exit_failed;
}

}  // namespace

asio::awaitable<int> doctor(control_client& client, terminal& terminal, client_seams seams,
                            doctor_seams look, const home::home_layout& layout) {
  examination now{client, seams, std::move(look), layout};
  now.add(check_machine(now.look.machine()));
  now.add(check_shim_program(now.look.shim_program,
                             seams.environment.files.information(now.look.shim_program)));
  const bool there = look_at_root(now);
  const bool unusable = now.found.back().how == finding::severity::wrong;
  if (there || !unusable) look_at_configuration(now);
  if (!there) co_return report(terminal, now.found);
  look_at_directories(now);
  const auto stopped = home::find_tombstone(seams.environment.files, layout);
  if (stopped && *stopped) {
    look_at_stopped_home(now, **stopped);
  } else {
    co_await look_at_processes(now);
  }
  co_return report(terminal, now.found);
}

}  // namespace nine::command_line
