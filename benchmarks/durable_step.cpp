// A durable step: its intent synced, its result synced, through the whole journal; beside the same
// number of bare syncs on the same disk.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "benchmarks/bare_disk.hpp"
#include "benchmarks/check.hpp"
#include "benchmarks/context.hpp"
#include "ninelives/environment/real/real_clock.hpp"
#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/thread_worker.hpp"
#include "ninelives/environment/real/wakeful_loop.hpp"
#include "ninelives/journal/journal.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"

namespace nine::benchmarks {
namespace {

namespace asio = boost::asio;
using journal::durability;

double microseconds_since(std::int64_t begin_ns) {
  return static_cast<double>(now_ns() - begin_ns) / 1e3;
}

/// A disk whose syncs take longer by `delay`.
class delayed_store final : public journal::store {
 public:
  delayed_store(std::unique_ptr<store> inner, duration delay)
      : inner_(std::move(inner)), delay_(delay) {}

  result<core_epoch> claim(core_epoch known) override { return inner_->claim(known); }
  result<void> commit(std::span<const journal::record> records, durability how,
                      std::vector<journal::record_outcome>& outcomes) override {
    auto done = inner_->commit(records, how, outcomes);
    if (how == durability::synced && delay_ > duration{}) std::this_thread::sleep_for(delay_);
    return done;
  }
  result<sequence> last_sequence() override { return inner_->last_sequence(); }
  result<std::vector<journal::fact>> read_task(task_id task) override {
    return inner_->read_task(task);
  }
  result<std::vector<journal::fact>> read_after(sequence after, std::size_t limit) override {
    return inner_->read_after(after, limit);
  }
  result<task_id> find_unique(std::string_view key) override { return inner_->find_unique(key); }
  result<std::vector<journal::task_summary>> tasks(task_id after, std::size_t limit) override {
    return inner_->tasks(after, limit);
  }
  result<journal::expiry> expire(std::span<const task_id> tasks, wall_time before) override {
    return inner_->expire(tasks, before);
  }
  bool maintenance_due() const override { return inner_->maintenance_due(); }
  result<void> maintain() override { return inner_->maintain(); }
  result<void> reopen() override { return inner_->reopen(); }

 private:
  std::unique_ptr<store> inner_;
  duration delay_;
};

/// The journal as a core has it.
class journal_at_work {
 public:
  journal_at_work(const std::string& file, duration delay) {
    auto opened = journal::stores::sqlite_store::open(files_, {.path = file});
    check(opened && (*opened)->claim(), "open a journal");
    journal_ = std::make_unique<journal::journal>(
        context_.get_executor(), clock_, worker_,
        std::make_unique<delayed_store>(*std::move(opened), delay));
  }

  /// So many agents at once, each so many steps one after the other: how long each step took.
  samples run(int agents, int steps) {
    samples took_us;
    int left = agents;
    for (int task = 1; task <= agents; ++task)
      asio::co_spawn(context_, work(task_id(task), steps, took_us, left), asio::detached);
    while (left > 0)
      loop_.step();
    return took_us;
  }

  double steps_per_second(int agents, int steps) {
    const auto begin = now_ns();
    run(agents, steps);
    return agents * steps * 1e6 / microseconds_since(begin);
  }

 private:
  asio::awaitable<void> work(task_id task, int steps, samples& took_us, int& left) {
    for (int i = 0; i < steps; ++i) {
      const auto begin = now_ns();
      journal::record intent{.task = task, .kind = "step_intended", .body = intent_};
      const auto intended = co_await journal_->append(std::move(intent));
      journal::record outcome{.task = task, .kind = "step_finished", .body = outcome_};
      const auto finished = co_await journal_->append(std::move(outcome));
      check(intended && finished, "append to the journal");
      took_us.push_back(microseconds_since(begin));
    }
    --left;
  }

  const std::string intent_ =
      R"({"step":"model_call","key":"0123456789abcdef","effect":"idempotent"})";
  const std::string outcome_ =
      R"({"step":"model_call","key":"0123456789abcdef","result":"sha256-...."})";
  asio::io_context context_{1};
  const asio::executor_work_guard<asio::io_context::executor_type> stays_{context_.get_executor()};
  environment::real_clock clock_;
  environment::real_files files_;
  environment::thread_worker worker_{journal::journal::next_commit_within};
  environment::wakeful_loop loop_{context_, [this] { return journal_->is_about_to_answer(); }};
  std::unique_ptr<journal::journal> journal_;
};

constexpr int many_agents = 64;

measurement serial(const std::string& directory, int steps) {
  constexpr int block = 50;
  bare_disk bare(directory);
  journal_at_work journal(directory + "/serial.db", 0ms);
  measurement row{.what = "durable step, one after the other",
                  .unit = "us",
                  .baseline_name = "2 x fdatasync",
                  .aim = "<= 1.5 x + 40 us"};
  for (int done = 0; done < steps; done += block) {  // both see the disk in the same mood
    for (int i = 0; i < block; ++i)
      row.baseline.push_back(bare.step_us());
    for (const auto took_us : journal.run(1, block))
      row.values.push_back(took_us);
  }
  row.met = row.value() <= 1.5 * row.baseline_value() + 40;
  return row;
}

measurement many(const std::string& directory, int rounds, int steps) {
  journal_at_work journal(directory + "/many.db", 0ms);
  measurement row{.what = "durable steps, 64 agents at once", .unit = "/s", .aim = ">= 50000 /s"};
  for (int round = 0; round < rounds; ++round)
    row.values.push_back(journal.steps_per_second(many_agents, steps));
  row.met = row.value() >= 50'000;
  return row;
}

std::vector<measurement> delayed(const std::string& directory, int delay_ms, int steps) {
  const auto name = "sync + " + std::to_string(delay_ms) + " ms";
  journal_at_work journal(directory + "/delayed-" + std::to_string(delay_ms) + ".db",
                          std::chrono::milliseconds(delay_ms));
  measurement one{.what = "durable step, " + name, .unit = "us", .values = journal.run(1, steps)};
  measurement all{.what = "durable steps, 64 agents, " + name, .unit = "/s"};
  for (int round = 0; round < 5; ++round)
    all.values.push_back(journal.steps_per_second(many_agents, steps / 5));
  return {one, all};
}

}  // namespace

std::vector<measurement> measure_durable_steps(bench_context& context) {
  const auto& options = context.options;
  std::vector<measurement> rows{serial(context.directory, options.steps),
                                many(context.directory, options.rounds, options.steps / 4)};
  for (const int delay_ms : {1, 5})
    std::ranges::move(delayed(context.directory, delay_ms, std::max(5, options.steps / 20)),
                      std::back_inserter(rows));
  return rows;
}

}  // namespace nine::benchmarks
