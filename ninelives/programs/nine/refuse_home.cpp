#include "ninelives/programs/nine/refuse_home.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "ninelives/base/utf8.hpp"
#include "ninelives/environment/real/move_file.hpp"
#include "ninelives/home/refusal.hpp"
#include "ninelives/journal/stores/sqlite/salvage.hpp"

namespace nine::programs {
namespace {

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

result<std::filesystem::path> set_journal_aside(composition& parts) {
  const auto& layout = parts.layout;
  for (const auto& lock : {layout.guard_lock(), layout.core_lock()}) {
    if (const auto holder = parts.world.locks().holder(lock)) {
      return fail(error_code::precondition_failed,
                  fmt::format("this home runs (pid {}); 'nine down' stops it", holder->pid));
    }
  }
  if (!home::find_refusal(parts.world.files(), layout)) {
    return fail(error_code::precondition_failed,
                "nothing is known to be wrong with the journal of this home; nothing was done. "
                "'nine up' starts it and finds out");
  }
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

}  // namespace nine::programs
