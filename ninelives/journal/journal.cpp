#include "ninelives/journal/journal.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <utility>

#include "ninelives/base/assert.hpp"
#include "ninelives/environment/async_event.hpp"
#include "ninelives/journal/commit_queue.hpp"

namespace nine::journal {
namespace asio = boost::asio;
using asio::awaitable;
using namespace asio::experimental::awaitable_operators;

namespace {

/// Whether a question changes what is in the store.
enum class access { reads, writes };

/// Answers of a store that works; see store. Who reads may meet one damaged fact; who writes and
/// meets damage has a store that nothing can be added to.
bool is_refusal(const error& problem, access how) {
  if (problem.code == error_code::corrupted) return how == access::reads;
  return problem.code == error_code::not_found || problem.code == error_code::fenced;
}

/// Whether no reopening helps: a newer core writes there, or the store is damaged.
bool is_final(const error& problem) {
  return problem.code == error_code::fenced || problem.code == error_code::corrupted;
}

/// Counts while it lives, which a coroutine that is cancelled ends, too.
class counted {
 public:
  explicit counted(std::size_t& count) : count_(count) { ++count_; }
  ~counted() { --count_; }
  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

 private:
  std::size_t& count_;
};

}  // namespace

/// Owned by the journal, by its writer and by every call in progress, so that each may end when it
/// can; what it needs from the journal's owner is the executor, the clock and the worker.
class journal::implementation {
 public:
  using self = std::shared_ptr<implementation>;

  implementation(asio::any_io_executor executor, environment::clock& clock,
                 environment::worker& worker, std::shared_ptr<store> opened, journal_limits limits,
                 sequence last)
      : executor_(std::move(executor)),
        clock_(clock),
        worker_(worker),
        store_(std::move(opened)),
        limits_(limits),
        queue_(last, limits) {}

  static awaitable<void> write(self me);
  static awaitable<result<sequence>> append(self me, record entry);
  static awaitable<result<void>> flush(self me);
  static awaitable<result<void>> wait_beyond(self me, sequence after);

  static awaitable<journal_status> health_beyond(self me, journal_health known);

  /// Puts `question` to the store as soon as all that is queued now is committed.
  template <class Question>
  static auto ask(self me, Question question, access how = access::reads)
      -> awaitable<std::invoke_result_t<Question&, store&>>;

  result<std::uint64_t> push(record entry, durability how, settle when_durable);
  void close(error why);

  bool is_about_to_answer() const;
  const commit_queue& queue() const { return queue_; }
  journal_status status() const;

 private:
  struct commit_report {
    result<void> outcome;
    bool maintenance_due = false;
  };

  awaitable<void> wait_for_end();
  static awaitable<void> idle(self me);
  static awaitable<void> watch_quiet(self me);
  void expect_quiet(const self& me, monotonic_time at);
  awaitable<void> maintain();
  awaitable<void> commit(std::shared_ptr<batch> next);
  awaitable<void> recover(error why);
  awaitable<result<sequence>> reopen();
  awaitable<result<void>> committed_up_to(std::uint64_t position);
  result<void> closed_reason() const;
  void store_failed(const error& why);
  void note_unsynced();
  bool sync_is_due() const;

  asio::any_io_executor executor_;
  environment::clock& clock_;
  environment::worker& worker_;
  const std::shared_ptr<store> store_;
  const journal_limits limits_;
  commit_queue queue_;
  environment::async_event work_;      ///< for the writer: something was queued, or the end
  environment::async_event progress_;  ///< for all others: something was committed, or the end
  environment::async_event health_changed_;
  std::optional<error> closed_;  ///< what calls are told since then
  std::optional<error> last_error_;
  std::optional<error> failure_;  ///< of a question, for the writer to recover from
  bool open_ = true;              ///< the store, as far as is known
  /// Before the next reopening. Set from a failure until the store has shown that it works: one
  /// that opens and then takes nothing is no working store, nor one to be opened ten times a
  /// second.
  std::optional<duration> reopen_wait_;
  bool maintenance_due_ = false;
  std::optional<monotonic_time> unsynced_since_;  ///< when the oldest unsynced record was written
  std::size_t awaiting_ = 0;  ///< calls that wait until what was queued is durable
  std::optional<monotonic_time> commit_began_;
  std::optional<monotonic_time> quiet_at_;  ///< when no work comes until then, it is quiet
  bool quiet_ = false;
  bool watching_ = false;  ///< watch_quiet() runs
  std::shared_ptr<asio::cancellation_signal> end_watching_;
  std::uint64_t transactions_ = 0;
  std::uint64_t reopenings_ = 0;
};

// --- the writer ---

awaitable<void> journal::implementation::write(self me) {
  while (!me->closed_) {
    if (auto failure = std::exchange(me->failure_, {})) {
      co_await me->recover(*std::move(failure));
      continue;
    }
    if (me->sync_is_due()) me->queue_.request_sync();
    auto next = me->queue_.begin();
    if (next) {
      co_await me->commit(std::move(next));
    } else {
      co_await idle(me);
    }
  }
}

awaitable<void> journal::implementation::wait_for_end() {
  while (!closed_)
    co_await work_.wait();
}

/// To be called after each transaction and reopening.
void journal::implementation::note_unsynced() {
  if (!queue_.has_unsynced())
    unsynced_since_.reset();
  else if (!unsynced_since_)
    unsynced_since_ = clock_.now();
}

bool journal::implementation::sync_is_due() const {
  return unsynced_since_ && clock_.now() - *unsynced_since_ >= limits_.lazy_sync_after;
}

/// Waits for work; what may wait is done when none comes. Records that go on coming put no sync
/// off: it counts from the oldest.
awaitable<void> journal::implementation::idle(self me) {
  const bool unsynced = me->unsynced_since_.has_value();
  if (me->maintenance_due_)
    me->expect_quiet(me, me->clock_.now() + me->limits_.maintain_after);
  else if (unsynced)
    me->expect_quiet(me, *me->unsynced_since_ + me->limits_.lazy_sync_after);
  while (!me->queue_.has_work() && !me->closed_ && !me->quiet_ && !me->failure_)
    co_await me->work_.wait();
  me->quiet_at_.reset();
  const bool quiet = std::exchange(me->quiet_, false);
  if (!quiet || me->queue_.has_work() || me->closed_ || me->failure_) co_return;
  if (unsynced) me->queue_.request_sync();
  if (me->maintenance_due_) co_await me->maintain();
}

/// The watch runs on while the moment moves: to begin and cancel one for every commit would cost
/// more than the rest of the writer. It looks again soon enough for the moment to move forward,
/// too.
void journal::implementation::expect_quiet(const self& me, monotonic_time at) {
  quiet_at_ = at;
  if (std::exchange(watching_, true)) return;
  // A signal of each watch's own, held by its last handler: Asio keeps the coroutine's cancellation
  // state inside the signal and looks at it after the coroutine has let go of everything else.
  end_watching_ = std::make_shared<asio::cancellation_signal>();
  auto ended = [signal = end_watching_](const std::exception_ptr&) {};  // cancelled by close()
  asio::co_spawn(executor_, watch_quiet(me),
                 asio::bind_cancellation_slot(end_watching_->slot(), std::move(ended)));
}

awaitable<void> journal::implementation::watch_quiet(self me) {
  while (me->quiet_at_ && me->clock_.now() < *me->quiet_at_) {
    const monotonic_time until =
        std::min(*me->quiet_at_, me->clock_.now() + me->limits_.maintain_after);
    co_await me->clock_.sleep_until(until);
  }
  me->watching_ = false;
  if (!me->quiet_at_) co_return;
  me->quiet_ = true;
  me->work_.notify_all();
}

awaitable<void> journal::implementation::maintain() {
  maintenance_due_ = false;
  auto job = [opened = store_] { return opened->maintain(); };
  const result<void> done = co_await environment::run_on(worker_, std::move(job));
  if (!done && !closed_) co_await recover(done.error());
}

awaitable<void> journal::implementation::commit(std::shared_ptr<batch> next) {
  auto job = [opened = store_, next] {
    commit_report report;
    report.outcome = opened->commit(next->records, next->how, next->outcomes);
    report.maintenance_due = opened->maintenance_due();
    return report;
  };
  commit_began_ = clock_.now();
  const commit_report report = co_await environment::run_on(worker_, std::move(job));
  commit_began_.reset();
  if (closed_) co_return;
  if (!report.outcome) {
    co_await recover(report.outcome.error());
    co_return;
  }
  ++transactions_;
  maintenance_due_ = report.maintenance_due;
  queue_.succeeded();
  note_unsynced();
  if (std::exchange(reopen_wait_, {})) health_changed_.notify_all();
  progress_.notify_all();
}

/// Reopens the store until that succeeds or is refused for good.
awaitable<void> journal::implementation::recover(error why) {
  open_ = false;
  while (!closed_) {
    last_error_ = why;
    if (is_final(why)) {
      close(std::move(why));
      co_return;
    }
    reopen_wait_ =
        reopen_wait_ ? std::min(*reopen_wait_ * 2, limits_.reopen_most) : limits_.reopen_first;
    health_changed_.notify_all();
    const monotonic_time until = clock_.now() + *reopen_wait_;
    co_await (wait_for_end() || clock_.sleep_until(until));
    if (closed_) co_return;
    ++reopenings_;
    auto last = co_await reopen();
    if (closed_) co_return;
    if (last) {
      auto resumed = queue_.reopened(*last);
      if (!resumed) {
        last_error_ = resumed.error();
        close(resumed.error());
        co_return;
      }
      open_ = true;
      note_unsynced();
      failure_.reset();
      if (!queue_.has_work()) reopen_wait_.reset();
      health_changed_.notify_all();
      progress_.notify_all();
      co_return;
    }
    why = std::move(last).error();
  }
}

awaitable<result<sequence>> journal::implementation::reopen() {
  auto job = [opened = store_]() -> result<sequence> {
    NINE_TRY(opened->reopen());
    return opened->last_sequence();
  };
  co_return co_await environment::run_on(worker_, std::move(job));
}

/// Who calls is told of damage as of something that is not there any more: it is the whole store's,
/// and no verdict on what was asked.
void journal::implementation::close(error why) {
  if (closed_) return;
  closed_ = std::move(why);
  if (closed_->code == error_code::corrupted)
    closed_ = {error_code::unavailable, "the journal is damaged: " + closed_->message};
  queue_.fail(*closed_);
  // In a variable: what ends now may be the last that holds this object.
  if (const auto watch = end_watching_) watch->emit(asio::cancellation_type::all);
  work_.notify_all();
  progress_.notify_all();
  health_changed_.notify_all();
}

// --- the calls ---

result<void> journal::implementation::closed_reason() const {
  if (closed_) return std::unexpected(*closed_);
  return {};
}

result<std::uint64_t> journal::implementation::push(record entry, durability how,
                                                    settle when_durable) {
  NINE_TRY(closed_reason());
  if (entry.at == wall_time{}) entry.at = clock_.wall_now();
  auto position = queue_.push(std::move(entry), how, std::move(when_durable));
  if (position) work_.notify_all();
  return position;
}

awaitable<result<sequence>> journal::implementation::append(self me, record entry) {
  struct completion {
    std::optional<record_outcome> outcome;
    environment::async_event settled;
  };
  auto mine = std::make_shared<completion>();
  settle when_durable = [mine](const record_outcome& outcome) {
    mine->outcome = outcome;
    mine->settled.notify_all();
  };
  const auto queued = me->push(std::move(entry), durability::synced, std::move(when_durable));
  if (!queued) co_return std::unexpected(queued.error());
  const counted waiting(me->awaiting_);
  while (!mine->outcome)
    co_await mine->settled.wait();
  co_return std::move(*mine->outcome);
}

bool journal::implementation::is_about_to_answer() const {
  return awaiting_ > 0 && commit_began_ && clock_.now() - *commit_began_ < commit_done_within;
}

awaitable<result<void>> journal::implementation::flush(self me) {
  const std::uint64_t position = me->queue_.last_position();
  const counted waiting(me->awaiting_);
  while (!me->closed_ && me->queue_.durable_position() < position) {
    me->queue_.request_sync();
    me->work_.notify_all();
    co_await me->progress_.wait();
  }
  co_return me->closed_reason();
}

awaitable<result<void>> journal::implementation::wait_beyond(self me, sequence after) {
  while (!me->closed_ && me->queue_.last_durable() <= after)
    co_await me->progress_.wait();
  co_return me->closed_reason();
}

awaitable<result<void>> journal::implementation::committed_up_to(std::uint64_t position) {
  while (!closed_ && (queue_.committed_position() < position || !open_))
    co_await progress_.wait();
  co_return closed_reason();
}

template <class Question>
auto journal::implementation::ask(self me, Question question, access how)
    -> awaitable<std::invoke_result_t<Question&, store&>> {
  constexpr int tries_most = 3;
  const std::uint64_t position = me->queue_.last_position();
  for (int tries = 1;; ++tries) {
    const auto ready = co_await me->committed_up_to(position);
    if (!ready) co_return std::unexpected(ready.error());
    auto job = [opened = me->store_, question]() mutable { return question(*opened); };
    auto answer = co_await environment::run_on(me->worker_, std::move(job));
    if (answer || is_refusal(answer.error(), how) || tries == tries_most) co_return answer;
    me->store_failed(answer.error());  // when it is open again it is asked again
  }
}

/// For the writer to reopen it: else a home that only reads would stay blind.
void journal::implementation::store_failed(const error& why) {
  if (!open_) return;
  open_ = false;
  failure_ = why;
  last_error_ = why;
  work_.notify_all();
  health_changed_.notify_all();
}

awaitable<journal_status> journal::implementation::health_beyond(self me, journal_health known) {
  while (me->status().health == known)
    co_await me->health_changed_.wait();
  co_return me->status();
}

journal_status journal::implementation::status() const {
  const bool failed = !open_ || reopen_wait_;
  const auto health = failed ? journal_health::failed : journal_health::working;
  return {.health = closed_ ? journal_health::closed : health,
          .last_error = last_error_,
          .queued = queue_.size(),
          .last_durable = queue_.last_durable(),
          .transactions = transactions_,
          .refused = queue_.refused(),
          .reopenings = reopenings_};
}

// --- the public face ---

namespace {

sequence last_of(store& opened) {
  const auto last = opened.last_sequence();
  NINE_ASSERT(last);  // a store that was just opened and claimed knows its end
  return *last;
}

}  // namespace

journal::journal(asio::any_io_executor executor, environment::clock& clock,
                 environment::worker& worker, std::unique_ptr<store> opened,
                 journal_limits limits) {
  NINE_ASSERT(opened);
  const sequence last = last_of(*opened);
  implementation_ =
      std::make_shared<implementation>(executor, clock, worker, std::move(opened), limits, last);
  asio::co_spawn(executor, implementation::write(implementation_), asio::detached);
}

journal::~journal() {
  implementation_->close({error_code::cancelled, "the journal was closed"});
}

awaitable<result<sequence>> journal::append(record entry) {
  return implementation::append(implementation_, std::move(entry));
}

result<void> journal::enqueue(record entry, durability how) {
  NINE_TRY(implementation_->push(std::move(entry), how, {}));
  return {};
}

awaitable<result<void>> journal::flush() {
  return implementation::flush(implementation_);
}

awaitable<result<void>> journal::wait_beyond(sequence after) {
  return implementation::wait_beyond(implementation_, after);
}

awaitable<result<std::vector<fact>>> journal::read_task(task_id task) {
  return implementation::ask(implementation_,
                             [task](store& opened) { return opened.read_task(task); });
}

awaitable<result<std::vector<result<std::vector<fact>>>>> journal::read_tasks(
    std::vector<task_id> tasks) {
  using histories = std::vector<result<std::vector<fact>>>;
  auto read = [tasks = std::move(tasks)](store& opened) -> result<histories> {
    histories all;
    for (const task_id task : tasks) {
      auto facts = opened.read_task(task);
      const bool damaged = !facts && facts.error().code == error_code::corrupted;
      if (!facts && !damaged) return std::unexpected(facts.error());
      all.push_back(std::move(facts));
    }
    return all;
  };
  return implementation::ask(implementation_, std::move(read));
}

awaitable<result<std::vector<fact>>> journal::read_after(sequence after, std::size_t limit) {
  const sequence durable = last_durable();
  return implementation::ask(
      implementation_, [after, limit, durable](store& opened) -> result<std::vector<fact>> {
        NINE_TRY_ASSIGN(auto facts, opened.read_after(after, limit));
        std::erase_if(facts, [&](const fact& one) { return one.number > durable; });
        return facts;
      });
}

awaitable<result<task_id>> journal::find_unique(std::string unique_key) {
  return implementation::ask(implementation_, [key = std::move(unique_key)](store& opened) {
    return opened.find_unique(key);
  });
}

awaitable<result<std::vector<task_summary>>> journal::tasks(task_id after, std::size_t limit) {
  return implementation::ask(implementation_,
                             [after, limit](store& opened) { return opened.tasks(after, limit); });
}

awaitable<result<expiry>> journal::expire(std::vector<task_id> tasks, wall_time keys_before) {
  return implementation::ask(
      implementation_,
      [tasks = std::move(tasks), keys_before](store& opened) {
        return opened.expire(tasks, keys_before);
      },
      access::writes);
}

awaitable<journal_status> journal::health_beyond(journal_health known) {
  return implementation::health_beyond(implementation_, known);
}

bool journal::is_about_to_answer() const {
  return implementation_->is_about_to_answer();
}

sequence journal::last_durable() const {
  return implementation_->queue().last_durable();
}

journal_health journal::health() const {
  return implementation_->status().health;
}

journal_status journal::status() const {
  return implementation_->status();
}

}  // namespace nine::journal
