#include "ninelives/orchestration/housekeeping.hpp"

#include <fmt/format.h>

#include "ninelives/journal/digest.hpp"

namespace nine::orchestration {
namespace {

namespace asio = boost::asio;

constexpr std::size_t page = 1'000;

}  // namespace

std::vector<std::string> blobs_named_in(std::string_view body) {
  constexpr std::string_view prefix = "sha256-";
  constexpr std::size_t name_bytes = prefix.size() + 64;
  std::vector<std::string> names;
  for (auto at = body.find(prefix); at != std::string_view::npos; at = body.find(prefix, at + 1)) {
    const auto name = body.substr(at, name_bytes);
    if (journal::is_digest(name)) names.emplace_back(name);
  }
  return names;
}

housekeeping::housekeeping(housekeeping_seams seams, task_files files, housekeeping_options options,
                           telemetry::logger log)
    : seams_(seams), files_(std::move(files)), options_(std::move(options)), log_(std::move(log)) {}

asio::awaitable<void> housekeeping::run() {
  for (;;) {
    const auto more = co_await round();
    if (!more) log_.warning("housekeeping_failed", more.error().message);
    const bool soon = more && *more;
    co_await seams_.clock.sleep_for(soon ? options_.pause_when_more : options_.pause);
  }
}

asio::awaitable<result<bool>> housekeeping::round() {
  NINE_CO_TRY_ASSIGN(const bool more_orphans, co_await remove_orphan_directories());
  NINE_CO_TRY_ASSIGN(const bool more_tasks, co_await expire_tasks());
  if (seams_.clock.now() >= next_blob_look_) {
    NINE_CO_TRY(co_await remove_unnamed_blobs());
    if (last_blob_.empty()) next_blob_look_ = seams_.clock.now() + options_.blob_pause;
  }
  co_return more_orphans || more_tasks || !last_blob_.empty();
}

/// The plan after a look at all tasks; their names go to `known` when it is given.
housekeeping::async<expiry_plan> housekeeping::look_at_tasks(std::set<task_id>* known) {
  expiry_plan plan(options_.expiry, seams_.clock.wall_now());
  task_id after;
  for (;;) {
    NINE_CO_TRY_ASSIGN(const auto tasks, co_await seams_.journal.tasks(after, page));
    for (const auto& task : tasks) {
      plan.see(task);
      if (known) known->insert(task.task);
    }
    if (tasks.size() < page) co_return plan;
    after = tasks.back().task;
  }
}

/// Facts first: a task without its directory would be half a task, a directory without its task is
/// removed when the next core starts.
housekeeping::async<bool> housekeeping::expire_tasks() {
  NINE_CO_TRY_ASSIGN(const auto plan, co_await look_at_tasks(nullptr));
  const auto going = plan.tasks();
  const auto keys_before = seams_.clock.wall_now() - options_.unique_keys_kept;
  NINE_CO_TRY_ASSIGN(const auto gone, co_await seams_.journal.expire(going, keys_before));
  const auto count = gone.tasks.size();
  if (count > 0) {
    NINE_CO_TRY(co_await remove_directories(gone.tasks));
    log_.info("tasks_expired", fmt::format("{} finished tasks have expired", count),
              {{"tasks", count}, {"facts", gone.facts}});
  }
  co_return plan.more_soon() || count < going.size();
}

housekeeping::async<std::size_t> housekeeping::remove_directories(std::vector<task_id> tasks) {
  auto remove = [files = files_, tasks = std::move(tasks)]() mutable -> result<std::size_t> {
    for (const auto task : tasks)
      NINE_TRY(files.remove(task));
    return tasks.size();
  };
  co_return co_await environment::run_on(seams_.worker, std::move(remove));
}

/// Once, in as many rounds as it takes. Later tasks than those there were at the start are never
/// looked at: their directory comes before their first fact.
housekeeping::async<bool> housekeeping::remove_orphan_directories() {
  if (orphans_removed_) co_return false;
  auto list = [files = files_, last = options_.last_task]() mutable { return files.list(last); };
  NINE_CO_TRY_ASSIGN(const auto present,
                     co_await environment::run_on(seams_.worker, std::move(list)));
  std::set<task_id> known;
  NINE_CO_TRY(co_await look_at_tasks(&known));
  std::vector<task_id> orphans;
  for (const auto task : present) {
    if (!known.contains(task) && orphans.size() < options_.directories_at_once)
      orphans.push_back(task);
  }
  NINE_CO_TRY_ASSIGN(const auto removed, co_await remove_directories(std::move(orphans)));
  orphans_removed_ = removed < options_.directories_at_once;
  if (removed > 0) {
    log_.info("orphan_directories_removed",
              fmt::format("{} directories without a task are removed", removed),
              {{"directories", removed}});
  }
  co_return !orphans_removed_;
}

/// A blob is older than the facts that name it, so one that is old and in no fact will be in none;
/// unless its content is put again, and then it is young.
housekeeping::async<void> housekeeping::remove_unnamed_blobs() {
  const auto before = seams_.clock.wall_now() - options_.blob_age_least;
  NINE_CO_TRY_ASSIGN(auto blobs, co_await old_blobs(before));
  if (blobs.empty()) co_return result<void>();
  NINE_CO_TRY_ASSIGN(const bool sure, co_await erase_named(blobs));
  if (!sure) co_return result<void>();
  const auto count = blobs.size();
  auto remove = [this, before, blobs = std::move(blobs)]() -> result<void> {
    for (const auto& blob : blobs)
      NINE_TRY(seams_.blobs.remove_older(blob, before));
    return {};
  };
  NINE_CO_TRY(co_await environment::run_on(seams_.worker, std::move(remove)));
  if (count > 0) {
    log_.info("blobs_removed", fmt::format("{} blobs that no fact names are removed", count),
              {{"blobs", count}});
  }
  co_return result<void>();
}

housekeeping::async<std::set<std::string>> housekeeping::old_blobs(wall_time before) {
  auto list = [this, before] {
    return seams_.blobs.list_older(before, last_blob_, options_.blobs_at_once);
  };
  NINE_CO_TRY_ASSIGN(const auto names,
                     co_await environment::run_on(seams_.worker, std::move(list)));
  last_blob_ = names.size() < options_.blobs_at_once ? "" : names.back();
  co_return std::set<std::string>(names.begin(), names.end());
}

/// What is queued counts, too: it is durable once the flush is done. False: a fact is damaged, and
/// nobody knows which blobs it names.
housekeeping::async<bool> housekeeping::erase_named(std::set<std::string>& blobs) {
  NINE_CO_TRY(co_await seams_.journal.flush());
  sequence after;
  while (!blobs.empty()) {
    NINE_CO_TRY_ASSIGN(const auto facts, co_await seams_.journal.read_after(after, page));
    for (const auto& fact : facts) {
      if (fact.damaged) {
        log_.warning("blobs_kept",
                     fmt::format("fact {} is damaged and may name any blob: none is removed until "
                                 "its task has expired",
                                 fact.number.value()));
        co_return false;
      }
      for (const auto& name : blobs_named_in(fact.body))
        blobs.erase(name);
    }
    if (facts.size() < page) break;
    after = facts.back().number;
  }
  co_return true;
}

}  // namespace nine::orchestration
