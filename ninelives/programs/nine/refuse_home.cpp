#include "ninelives/programs/nine/refuse_home.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "ninelives/base/utf8.hpp"
#include "ninelives/environment/real/move_file.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/journal/stores/sqlite/salvage.hpp"

namespace nine::programs {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::size_t salvage_file_bytes = 8 * MiB;

/// Facts as lines of JSON, in files of a bounded size.
class salvage_files {
 public:
  salvage_files(environment::files& files, std::filesystem::path directory)
      : files_(files), directory_(std::move(directory)) {}

  result<void> begin() {
    NINE_TRY(files_.remove(directory_));
    return files_.make_directory(directory_);
  }
  result<void> keep(const journal::fact& saved) {
    boost::json::error_code problem;
    auto body = boost::json::parse(saved.body, problem);
    if (problem) body = boost::json::string(as_utf8(saved.body));
    text_ += boost::json::serialize(boost::json::object{{"sequence", saved.number.value()},
                                                        {"task", to_string(saved.task)},
                                                        {"epoch", saved.writer.value()},
                                                        {"at_ms", to_milliseconds(saved.at)},
                                                        {"kind", as_utf8(saved.kind)},
                                                        {"body", std::move(body)}}) +
             "\n";
    return text_.size() < salvage_file_bytes ? result<void>() : write();
  }
  result<void> write() {
    if (text_.empty()) return {};
    const auto name = fmt::format("facts-{}.jsonl", ++count_);
    return files_.write_durably(directory_ / name, std::exchange(text_, ""));
  }

 private:
  environment::files& files_;
  std::filesystem::path directory_;
  std::string text_;
  int count_ = 0;
};

result<std::string> save_what_can_be_read(composition& parts) {
  salvage_files saved(parts.world.files(), parts.layout.salvaged());
  NINE_TRY(saved.begin());
  const auto keep = [&](const journal::fact& one) { return saved.keep(one); };
  NINE_TRY_ASSIGN(const auto report,
                  journal::stores::salvage(parts.layout.journal_database(), keep));
  NINE_TRY(saved.write());
  return fmt::format("{} facts of {} tasks could be read and are saved in {}, {} are lost",
                     report.facts, report.tasks, parts.layout.salvaged().string(), report.lost);
}

/// Who holds both locks has the home: a guard that comes late, and the core that it would start,
/// open nothing that is being moved.
struct held_home {
  std::unique_ptr<environment::exclusive_lock> guard;
  std::unique_ptr<environment::exclusive_lock> core;
};

result<held_home> take_home(composition& parts) {
  auto& locks = parts.world.locks();
  const auto self = parts.world.processes().self();
  held_home taken;
  NINE_TRY_ASSIGN(taken.guard, locks.try_lock(parts.layout.guard_lock(), self));
  NINE_TRY_ASSIGN(taken.core, locks.try_lock(parts.layout.core_lock(), self));
  return taken;
}

/// Who was told of a refusal a moment ago may be faster than the guard that is on its way out; and
/// another may have been started, by a shim or a second client, that has yet to find out. So they
/// are waited for, unless a core answers: then the home works.
asio::awaitable<result<held_home>> take_refused_home(composition& parts,
                                                     command_line::control_client& client) {
  constexpr int tries_most = 50;
  for (int tried = 1;; ++tried) {
    auto taken = take_home(parts);
    const bool is_held = !taken && taken.error().code == error_code::already_exists;
    if (!is_held || tried == tries_most) co_return taken;
    const auto answer = co_await client.look("/v1/status", 100ms);
    if (answer) co_return taken;
    co_await parts.world.clock().sleep_for(50ms);
  }
}

error nothing_is_wrong() {
  return {error_code::precondition_failed,
          "nothing is known to be wrong with the journal of this home; nothing was done. "
          "'nine up' starts it and finds out"};
}

error why_not_taken(const error& problem) {
  if (problem.code == error_code::not_found) return nothing_is_wrong();  // there is no home
  if (problem.code != error_code::already_exists) return problem;
  return {error_code::precondition_failed,
          fmt::format("this home runs ({}); 'nine down' stops it", problem.message)};
}

result<std::filesystem::path> move_journal(composition& parts) {
  const auto& layout = parts.layout;
  if (!home::find_refusal(parts.world.files(), layout)) return std::unexpected(nothing_is_wrong());
  const auto aside =
      layout.root() / fmt::format("damaged-{}", to_milliseconds(parts.world.clock().wall_now()));
  NINE_TRY(parts.world.files().make_directory(aside));
  // The database goes last: as long as it is there, this can be done again.
  const auto database = layout.journal_database();
  for (const auto& from : {layout.tasks(), std::filesystem::path(database.string() + "-shm"),
                           std::filesystem::path(database.string() + "-wal"), database}) {
    NINE_TRY(environment::move_file(from, aside / from.filename()));
  }
  home::clear_refusal(parts.world.files(), layout);
  return aside;
}

}  // namespace

bool is_for_a_person(const error& problem) {
  return problem.code == error_code::corrupted || problem.code == error_code::precondition_failed;
}

error damaged_journal(composition& parts, const error& problem) {
  const auto saved = save_what_can_be_read(parts);
  return {problem.code,
          fmt::format(
              "the journal of this home is damaged ({}); {}; the journal itself was not touched. "
              "Put a copy of it back, or begin an empty one with 'nine up --fresh-journal', which "
              "keeps the damaged one aside",
              problem.message,
              saved ? *saved : "nothing could be saved aside: " + saved.error().message)};
}

void refuse_home(composition& parts, const error& problem) {
  // Without the note whoever waits is told only that no core answers; the log has the reason.
  static_cast<void>(home::write_refusal(parts.world.files(), parts.layout, problem.message));
}

asio::awaitable<result<std::filesystem::path>> set_journal_aside(
    composition& parts, command_line::control_client& client) {
  auto taken = co_await take_refused_home(parts, client);
  if (!taken) co_return std::unexpected(why_not_taken(taken.error()));
  co_return move_journal(parts);
}

}  // namespace nine::programs
