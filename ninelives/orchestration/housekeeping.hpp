#pragma once

#include <boost/asio/awaitable.hpp>
#include <set>
#include <string>
#include <vector>

#include "ninelives/environment/clock.hpp"
#include "ninelives/environment/worker.hpp"
#include "ninelives/journal/blob_store.hpp"
#include "ninelives/journal/journal.hpp"
#include "ninelives/orchestration/expiry.hpp"
#include "ninelives/orchestration/task_files.hpp"
#include "ninelives/telemetry/logger.hpp"

namespace nine::orchestration {

struct housekeeping_options {
  expiry_policy expiry;
  task_id last_task;                    ///< the newest there was when this core took over
  duration unique_keys_kept = 7 * 24h;  ///< a request repeated later makes a new task
  duration blob_age_least = 24h;        ///< younger ones may be about to be named by a fact
  duration pause = 10min;               ///< between rounds
  duration pause_when_more = 10s;
  duration blob_pause = 24h;  ///< between looks for blobs that nothing names
  std::size_t directories_at_once = 1'000;
  std::size_t blobs_at_once = 50'000;
};

struct housekeeping_seams {
  environment::clock& clock;
  environment::worker& worker;  ///< the one that puts blobs and makes task directories
  journal::journal& journal;
  journal::blob_store& blobs;
};

/// Takes away what has expired: the facts of tasks that ended long ago, then their directories, and
/// blobs that no fact names any more; and the directories an earlier core left without a task. What
/// it does in one round is bounded, and a crash in the midst of it leaves only what a later round
/// removes. It never touches what an unfinished task needs. Thread: its executor's.
class housekeeping {
 public:
  housekeeping(housekeeping_seams seams, task_files files, housekeeping_options options,
               telemetry::logger log);

  /// Round after round; never ends.
  boost::asio::awaitable<void> run();

  /// One round. True: another one soon is worth it. Errors: those of the journal and the files.
  boost::asio::awaitable<result<bool>> round();

 private:
  template <class T>
  using async = boost::asio::awaitable<result<T>>;

  async<bool> expire_tasks();
  async<std::size_t> remove_directories(std::vector<task_id> tasks);
  async<bool> remove_orphan_directories();
  async<void> remove_unnamed_blobs();
  async<std::set<std::string>> old_blobs(wall_time before);
  async<bool> erase_named(std::set<std::string>& blobs);
  async<expiry_plan> look_at_tasks(std::set<task_id>* known);

  housekeeping_seams seams_;
  task_files files_;
  housekeeping_options options_;
  telemetry::logger log_;
  bool orphans_removed_ = false;
  monotonic_time next_blob_look_{};
  std::string last_blob_;  ///< where the next look for blobs goes on
};

/// Every name of a blob in a fact's body, wherever it stands.
std::vector<std::string> blobs_named_in(std::string_view body);

}  // namespace nine::orchestration
