#include "ninelives/orchestration/task_ledger.hpp"

#include "ninelives/base/assert.hpp"
#include "ninelives/orchestration/fact_log.hpp"

namespace nine::orchestration {

namespace asio = boost::asio;

run_pointer task_ledger::add(execution::task_state state) {
  auto run = std::make_shared<task_run>();
  const auto task = state.id;
  run->state = std::move(state);
  runs_.emplace(task, run);
  return run;
}

run_pointer task_ledger::find(task_id task) const {
  const auto found = runs_.find(task);
  return found == runs_.end() ? nullptr : found->second;
}

run_pointer task_ledger::find_by_child(const std::string& child) const {
  return find(execution::task_of_child(child));
}

result<void> task_ledger::record(task_run& run, execution::event event, epoch writer,
                                 journal::durability how) {
  event = execution::storable(std::move(event));
  auto entry = execution::to_record(run.state.id, event);
  entry.writer = writer;
  entry.at = clock_.wall_now();  // the state must say what the journal will
  const auto at = entry.at;
  auto queued = journal_.enqueue(std::move(entry), how);
  if (!queued) {
    if (journal_.health() == journal::journal_health::closed) give_up(queued.error());
    return queued;
  }
  auto applied = execution::apply(run.state, event, writer, at);
  NINE_ASSERT(applied);
  log_fact(log_, run.state, event);
  run.changed.notify_all();
  return {};
}

/// No fact is too large, and the queue keeps room for those of the core. One that is full all the
/// same means that the journal is beyond help; the restart reads it afresh.
void task_ledger::note(task_run& run, execution::event event, journal::durability how) {
  const auto recorded = record(run, std::move(event), {}, how);
  NINE_ASSERT(recorded || !fenced_reason_.empty());
}

asio::awaitable<result<void>> task_ledger::record_and_flush(run_pointer run, execution::event event,
                                                            epoch writer) {
  NINE_CO_TRY(record(*run, std::move(event), writer));
  co_return co_await flush();
}

asio::awaitable<result<void>> task_ledger::flush() {
  auto flushed = co_await journal_.flush();
  if (!flushed) give_up(flushed.error());
  co_return flushed;
}

void task_ledger::give_up(const error& problem) {
  if (!fenced_reason_.empty()) return;
  fenced_reason_ = problem.message.empty() ? "a newer core owns this home" : problem.message;
  fenced_event_.notify_all();
}

}  // namespace nine::orchestration
