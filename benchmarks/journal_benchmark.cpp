// How long a durable step (intent + result) takes through the whole journal, beside the bare
// 2 x (4 KiB write + fdatasync) on the same disk in the same run, and how many steps per second 64
// coroutines get done; also with a slower disk (a delay added to each synced commit).
//
//   journal_benchmark [--json] [--directory DIR] [--steps N]
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ninelives/environment/real/real_clock.hpp"
#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/environment/real/testing.hpp"
#include "ninelives/environment/real/thread_worker.hpp"
#include "ninelives/journal/journal.hpp"
#include "ninelives/journal/stores/sqlite/sqlite_store.hpp"

namespace {

namespace asio = boost::asio;
using namespace nine;
using journal::durability;
using std::chrono::steady_clock;
using samples = std::vector<double>;  // microseconds

double microseconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(steady_clock::now() - start).count();
}

double quantile(samples all, double part) {
  std::ranges::sort(all);
  return all.empty() ? 0
                     : all[static_cast<std::size_t>(part * static_cast<double>(all.size() - 1))];
}

/// A disk whose syncs take longer by `delay`.
class delayed_store final : public journal::store {
 public:
  delayed_store(std::unique_ptr<store> inner, duration delay)
      : inner_(std::move(inner)), delay_(delay) {}

  result<core_epoch> claim() override { return inner_->claim(); }
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

struct measured {
  std::string name;
  samples step_us;
  double steps_per_second = 0;
};

/// 2 x (write 4 KiB, fdatasync) over a file that is there already.
measured bare_disk(const std::filesystem::path& directory, int steps) {
  measured out{.name = "bare 2 x (4 KiB write + fdatasync)", .step_us = {}};
  const int file = ::open((directory / "bare").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  const std::string page(4096, 'x');
  constexpr int pages = 1'024;
  bool good = file >= 0;
  for (int i = 0; i < pages && good; ++i)
    good = ::pwrite(file, page.data(), page.size(), i * 4096) == 4096;
  good = good && ::fsync(file) == 0;
  const auto begin = steady_clock::now();
  for (int i = 0; i < steps && good; ++i) {
    const auto start = steady_clock::now();
    for (int j = 0; j < 2 && good; ++j) {
      good = ::pwrite(file, page.data(), page.size(), (2 * i + j) % pages * 4096) == 4096 &&
             ::fdatasync(file) == 0;
    }
    out.step_us.push_back(microseconds_since(start));
  }
  out.steps_per_second = steps * 1e6 / microseconds_since(begin);
  ::close(file);
  if (!good) std::abort();
  return out;
}

asio::awaitable<void> one_agent(journal::journal& where, int task, int steps, samples& all,
                                int& left) {
  const std::string intent =
      R"({"step":"model_call","key":"0123456789abcdef","effect":"idempotent"})";
  const std::string outcome =
      R"({"step":"model_call","key":"0123456789abcdef","result":"sha256-...."})";
  for (int i = 0; i < steps; ++i) {
    const auto start = steady_clock::now();
    journal::record first{.task = task_id(task), .kind = "step_intended", .body = intent};
    const auto one = co_await where.append(std::move(first));
    journal::record second{.task = task_id(task), .kind = "step_finished", .body = outcome};
    const auto two = co_await where.append(std::move(second));
    if (!one || !two) std::abort();
    all.push_back(microseconds_since(start));
  }
  --left;
}

measured through_journal(const std::filesystem::path& directory, int agents, int steps,
                         duration delay) {
  asio::io_context context(1);
  environment::real_clock clock;
  environment::real_files files;
  environment::thread_worker worker;
  auto opened = journal::stores::sqlite_store::open(
      files, {.path = directory / ("journal" + std::to_string(agents) + "-" +
                                   std::to_string(to_milliseconds(delay)))});
  if (!opened || !(*opened)->claim()) std::abort();
  journal::journal where(context.get_executor(), clock, worker,
                         std::make_unique<delayed_store>(*std::move(opened), delay));
  measured out{.name = "journal, " + std::to_string(agents) + " agent(s), sync + " +
                       std::to_string(to_milliseconds(delay)) + " ms",
               .step_us = {}};
  int left = agents;
  const auto begin = steady_clock::now();
  for (int task = 1; task <= agents; ++task) {
    asio::co_spawn(context, one_agent(where, task, steps, out.step_us, left), asio::detached);
  }
  while (left > 0)
    context.run_one();
  out.steps_per_second = static_cast<double>(agents) * steps * 1e6 / microseconds_since(begin);
  return out;
}

void print(const std::vector<measured>& all, bool json) {
  const double bare = quantile(all.front().step_us, 0.5);
  if (json) std::printf("[\n");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const measured& one = all[i];
    const double p50 = quantile(one.step_us, 0.5);
    const double p99 = quantile(one.step_us, 0.99);
    const double spread = quantile(one.step_us, 0.75) - quantile(one.step_us, 0.25);
    if (json) {
      std::printf(
          "  {\"name\": \"%s\", \"step_us_p50\": %.1f, \"step_us_p99\": %.1f, \"step_us_spread\": "
          "%.1f, \"steps_per_second\": %.0f, \"baseline_us_p50\": %.1f}%s\n",
          one.name.c_str(), p50, p99, spread, one.steps_per_second, bare,
          i + 1 < all.size() ? "," : "");
    } else {
      std::printf("%-42s p50 %8.1f us  p99 %8.1f us  spread %7.1f us  %8.0f steps/s\n",
                  one.name.c_str(), p50, p99, spread, one.steps_per_second);
    }
  }
  if (json) std::printf("]\n");
  const double serial = quantile(all[1].step_us, 0.5);
  std::fprintf(
      stderr,
      "serial step %.1f us, aim %.1f us (1.5 x %.1f + 40); 64 agents %.0f steps/s, aim 50000\n",
      serial, 1.5 * bare + 40, bare, all[2].steps_per_second);
}

}  // namespace

int main(int count, char** arguments) {
  bool json = false;
  int steps = 4'000;
  std::string base;
  for (int i = 1; i < count; ++i) {
    const std::string_view one = arguments[i];
    if (one == "--json") json = true;
    if (one == "--directory" && i + 1 < count) base = arguments[++i];
    if (one == "--steps" && i + 1 < count) steps = std::max(10, std::atoi(arguments[++i]));
  }
  environment::testing::temporary_directory temporary;
  const std::filesystem::path directory =
      base.empty() ? temporary.path() : std::filesystem::path(base);
  std::vector<measured> all;
  all.push_back(bare_disk(directory, steps));
  all.push_back(through_journal(directory, 1, steps, 0ms));
  all.push_back(through_journal(directory, 64, steps / 2, 0ms));
  for (const duration delay : {duration(1ms), duration(5ms)}) {
    all.push_back(through_journal(directory, 1, steps / 20, delay));
    all.push_back(through_journal(directory, 64, steps / 20, delay));
  }
  print(all, json);
}
