#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <thread>

#include "simulation/runner/play.hpp"
#include "simulation/runner/workers.hpp"

namespace nine::simulation {
namespace {

struct options {
  std::optional<std::uint64_t> seed;
  seed_range seeds{1, 1000};
  std::string story;
  bool verbose = false;
  bool decisions = false;
  bool list = false;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
};

/// For the test of what is printed then: fails with every other seed. Played only by its name.
constexpr scenario broken{"broken", "fails on purpose", [](world& stage) {
                            if (stage.random().next() % 2 == 0) stage.fail("on purpose");
                          }};

std::vector<scenario> chosen(const options& wanted) {
  if (wanted.story == broken.name) return {broken};
  std::vector<scenario> stories;
  for (const auto& each : all_scenarios()) {
    if (wanted.story.empty() || wanted.story == each.name) stories.push_back(each);
  }
  return stories;
}

void print_line(std::string_view line) {
  fmt::print("{}\n", line);
}

/// In this process, so that a debugger can follow.
sweep_report play_one_seed(const std::vector<scenario>& stories, const options& wanted) {
  sweep_report report;
  for (const auto& story : stories) {
    if (wanted.verbose) {
      print_line(fmt::format("--- {}, seed {}", story.name, *wanted.seed));
      std::fflush(stdout);
      play_once(story, *wanted.seed, print_line, wanted.decisions);
    }
    const auto run = play_twice(story, *wanted.seed);
    report.steps += run.steps;
    if (run.failure.empty()) {
      ++report.passed;
    } else {
      report.failures.push_back({std::string(story.name), *wanted.seed, run.failure});
    }
  }
  return report;
}

int tell(const sweep_report& report, std::size_t stories, std::uint64_t seeds,
         std::chrono::duration<double> took) {
  for (const auto& each : report.failures) {
    fmt::print(
        "FAILED {} with seed {}: {}\n  replay: ./dev sim --seed {} --scenario {} --verbose\n",
        each.scenario, each.seed, each.why, each.seed, each.scenario);
  }
  fmt::print("{} scenarios, every run twice, {} million steps, {:.1f} s\n", stories,
             2 * report.steps / 1'000'000, took.count());
  fmt::print("{} passed, {} failed\n", report.passed, report.failures.size());
  const auto asked = stories * seeds;
  const bool all = report.passed + report.failures.size() == asked;
  if (!all) fmt::print("{} runs were asked for: some were not played, or counted twice\n", asked);
  return all && report.failures.empty() ? 0 : 1;
}

int run(const options& wanted) {
  if (wanted.list) {
    for (const auto& each : all_scenarios())
      fmt::print("{:12} {}\n", each.name, each.what);
    return 0;
  }
  const auto stories = chosen(wanted);
  if (stories.empty()) {
    fmt::print(stderr, "no scenario '{}'; see --list\n", wanted.story);
    return 2;
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto report =
      wanted.seed ? play_one_seed(stories, wanted) : play_all(stories, wanted.seeds, wanted.jobs);
  return tell(report, stories.size(), wanted.seed ? 1 : wanted.seeds.count,
              std::chrono::steady_clock::now() - begin);
}

}  // namespace
}  // namespace nine::simulation

int main(int count, char** arguments) {
  nine::simulation::options wanted;
  CLI::App app("Plays scenarios in a simulated world: the same seed, the same story.");
  app.add_option("--seed", wanted.seed, "play this seed alone, in this process");
  app.add_option("--seeds", wanted.seeds.count, "so many seeds")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--from", wanted.seeds.first, "the first of them")->capture_default_str();
  app.add_option("--scenario", wanted.story, "this scenario alone");
  app.add_option("--jobs", wanted.jobs, "processes")->capture_default_str();
  app.add_flag("--verbose", wanted.verbose, "with --seed: print what happens");
  app.add_flag("--decisions", wanted.decisions, "with --verbose: every choice of the scheduler");
  app.add_flag("--list", wanted.list, "list the scenarios");
  CLI11_PARSE(app, count, arguments);
  return nine::simulation::run(wanted);
}
