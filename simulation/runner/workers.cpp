#include "simulation/runner/workers.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <tuple>
#include <utility>

#include "ninelives/base/assert.hpp"
#include "simulation/runner/play.hpp"

namespace nine::simulation {
namespace {

using steady = std::chrono::steady_clock;

/// The n-th run of a sweep: all seeds of the first scenario, then of the next.
struct run_index {
  const std::vector<scenario>& stories;
  seed_range seeds;

  std::uint64_t size() const { return stories.size() * seeds.count; }
  const scenario& story(std::uint64_t index) const { return stories[index / seeds.count]; }
  std::uint64_t seed(std::uint64_t index) const { return seeds.first + index % seeds.count; }
};

/// A child process and what it wrote. Each run is announced by "begin INDEX" and closed by
/// "passed STEPS" or "failed WHY".
struct job {
  pid_t pid = -1;
  int output = -1;
  std::uint64_t next = 0;  ///< the run to begin with
  std::string text;
  std::optional<std::uint64_t> running;
  steady::time_point due;  ///< when the run that is running is given up
  bool overdue = false;
};

void say(int where, const std::string& line) {
  const auto written = ::write(where, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) std::_Exit(1);
}

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text.substr(0, 3000);
}

[[noreturn]] void run_in_child(const run_index& runs, std::uint64_t first, std::uint64_t stride,
                               int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a run without end must not outlive who waits for it
  for (auto index = first; index < runs.size(); index += stride) {
    say(output, fmt::format("begin {}\n", index));
    const auto report = play_twice(runs.story(index), runs.seed(index));
    say(output, report.failure.empty() ? fmt::format("passed {}\n", report.steps)
                                       : fmt::format("failed {}\n", one_line(report.failure)));
  }
  std::exit(0);
}

class sweep {
 public:
  sweep(run_index runs, unsigned jobs, std::chrono::seconds longest)
      : runs_(runs), jobs_(jobs), longest_(longest) {}

  sweep_report play() {
    for (std::size_t number = 0; number < jobs_.size(); ++number) {
      jobs_[number].next = number;
      begin(jobs_[number]);
    }
    while (wait_for_output()) {
    }
    std::ranges::sort(report_.failures, {},
                      [](const failed_run& each) { return std::tuple(each.scenario, each.seed); });
    return report_;
  }

 private:
  void begin(job& which) {
    if (which.next >= runs_.size()) return;
    std::fflush(nullptr);
    int ends[2];
    NINE_ASSERT(::pipe(ends) == 0);
    which.pid = ::fork();
    NINE_ASSERT(which.pid >= 0);
    if (which.pid == 0) {
      ::close(ends[0]);
      run_in_child(runs_, which.next, jobs_.size(), ends[1]);
    }
    ::close(ends[1]);
    which.output = ends[0];
  }

  bool wait_for_output() {
    std::vector<pollfd> watched;
    for (const auto& each : jobs_)
      watched.push_back({each.output, POLLIN, 0});
    const bool any = std::ranges::any_of(jobs_, [](const job& each) { return each.output >= 0; });
    if (!any) return false;
    NINE_ASSERT(::poll(watched.data(), watched.size(), until_next_due_ms()) >= 0);
    for (std::size_t index = 0; index < jobs_.size(); ++index) {
      if (watched[index].revents != 0) take_output(jobs_[index]);
    }
    for (auto& each : jobs_)
      give_up_if_due(each);
    return true;
  }

  int until_next_due_ms() const {
    auto wait = std::chrono::ceil<std::chrono::milliseconds>(longest_);
    for (const auto& each : jobs_) {
      if (!each.running || each.overdue) continue;
      wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(each.due - steady::now()));
    }
    return static_cast<int>(std::max(wait, 0ms).count());
  }

  /// Its end is told by its output, as any other.
  void give_up_if_due(job& which) {
    if (!which.running || which.overdue || steady::now() < which.due) return;
    which.overdue = true;
    ::kill(which.pid, SIGKILL);
  }

  void take_output(job& from) {
    char buffer[4096];
    const auto count = ::read(from.output, buffer, sizeof buffer);
    if (count > 0) {
      from.text.append(buffer, static_cast<std::size_t>(count));
      take_lines(from);
    } else {
      take_end(from);
    }
  }

  void take_lines(job& from) {
    for (auto end = from.text.find('\n'); end != std::string::npos; end = from.text.find('\n')) {
      take_line(from, from.text.substr(0, end));
      from.text.erase(0, end + 1);
    }
  }

  void take_line(job& from, const std::string& line) {
    const auto rest = line.substr(line.find(' ') + 1);
    if (line.starts_with("begin ")) {
      from.running = std::stoull(rest);
      from.next = *from.running + jobs_.size();
      from.due = steady::now() + longest_;
      return;
    }
    NINE_ASSERT(from.running);
    if (line.starts_with("passed ")) {
      ++report_.passed;
      report_.steps += std::stoull(rest);
    } else {
      failed(*from.running, rest);
    }
    from.running.reset();
  }

  /// A child that ends within a run has failed it; another one goes on after that run.
  void take_end(job& from) {
    ::close(from.output);
    from.output = -1;
    int status = 0;
    ::waitpid(from.pid, &status, 0);
    if (!from.running && WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
    const auto how = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                                         : fmt::format("exit code {}", WEXITSTATUS(status));
    if (!from.running) {
      report_.failures.push_back({"(any)", 0, "a process ended outside any run: " + how});
      return;
    }
    failed(*from.running, std::exchange(from.overdue, false)
                              ? fmt::format("came to no end within {} s", longest_.count())
                              : "the simulation's process ended: " + how);
    from.running.reset();
    from.text.clear();
    begin(from);
  }

  void failed(std::uint64_t index, std::string why) {
    report_.failures.push_back(
        {std::string(runs_.story(index).name), runs_.seed(index), std::move(why)});
  }

  run_index runs_;
  std::vector<job> jobs_;
  std::chrono::seconds longest_;
  sweep_report report_;
};

}  // namespace

sweep_report play_all(const std::vector<scenario>& stories, seed_range seeds, unsigned jobs,
                      std::chrono::seconds longest) {
  return sweep(run_index{stories, seeds}, std::max(1U, jobs), longest).play();
}

}  // namespace nine::simulation
