// Measures what the project promises about speed and memory, each figure beside its baseline.
//
// Exit code 1: what was measured is not right.
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string_view>

#include "benchmarks/check.hpp"
#include "benchmarks/context.hpp"
#include "benchmarks/janitor.hpp"

namespace {

using namespace nine::benchmarks;

constexpr const char* usage =
    "nine-bench [PATTERN] [--quick] [--agents N] [--rounds N] [--directory DIR] [--json FILE]\n"
    "Runs the parts whose name holds PATTERN: durable_step, agent_step, core_start, memory,\n"
    "restart, storm_and_takeover. --quick makes all counts tiny: it shows that the benchmarks\n"
    "work, not how fast anything is.\n";

struct arguments {
  std::string pattern;
  std::string directory;
  std::string json;
  bench_options options;
};

struct part {
  std::string_view name;
  std::function<std::vector<measurement>(bench_context&)> measure;
};

const part parts[] = {
    {"durable_step", measure_durable_steps},
    {"agent_step", measure_agent_steps},
    {"core_start", measure_core_start},
    {"memory", measure_memory},
    {"restart", measure_restart},
    {"storm_and_takeover", measure_rounds},
};

bool takes_value(std::string_view name) {
  return name == "--agents" || name == "--rounds" || name == "--directory" || name == "--json";
}

[[noreturn]] void tell_usage(std::string_view name) {
  const bool asked = name == "--help";
  if (!asked) std::fprintf(stderr, "nine-bench: cannot use %s\n", std::string(name).c_str());
  std::fputs(usage, asked ? stdout : stderr);
  std::exit(asked ? 0 : 2);
}

arguments parse(int count, char** given) {
  arguments wanted;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = given[i];
    const char* value = i + 1 < count ? given[i + 1] : "";
    if (name == "--help" || (name.starts_with("--") && !takes_value(name) && name != "--quick"))
      tell_usage(name);
    auto& options = wanted.options;
    if (name == "--quick") {
      options = {.agents = 20, .rounds = 1, .starts = 3, .steps = 100, .rest = false};
      continue;
    }
    if (!name.starts_with("--")) {
      wanted.pattern = name;
      continue;
    }
    if (name == "--agents") options.agents = std::max(1, std::atoi(value));
    if (name == "--rounds") options.rounds = std::max(1, std::atoi(value));
    if (name == "--directory") wanted.directory = value;
    if (name == "--json") wanted.json = value;
    ++i;
  }
  return wanted;
}

/// A thousand agents need more descriptors than many systems give a program by default.
void allow_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Emptied: what a run that was killed left there is gone.
std::string make_directory(const std::string& wanted) {
  const std::filesystem::path directory =
      std::filesystem::absolute(wanted.empty() ? "benchmark-state" : wanted);
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  struct statfs kind{};
  constexpr auto memory_file_system = 0x01021994;
  if (::statfs(directory.c_str(), &kind) == 0 && kind.f_type == memory_file_system)
    std::puts("the state lies in memory (tmpfs): figures with syncs say nothing about a disk");
  return directory;
}

void check_pattern(const std::string& pattern) {
  for (const auto& one : parts)
    if (one.name.find(pattern) != std::string_view::npos) return;
  tell_usage(pattern);
}

std::vector<measurement> run(const arguments& wanted) {
  const auto directory = make_directory(wanted.directory);
  const janitor clears_up(directory);
  std::vector<measurement> all;
  bench_context context(wanted.options, directory);
  for (const auto& [name, measure] : parts) {
    if (name.find(wanted.pattern) == std::string_view::npos) continue;
    std::fprintf(stderr, "-- %s\n", std::string(name).c_str());
    for (auto& row : measure(context))
      all.push_back(std::move(row));
  }
  return all;
}

}  // namespace

int main(int count, char** given) {
  allow_descriptors();
  const auto wanted = parse(count, given);
  check_pattern(wanted.pattern);
  try {
    const auto all = run(wanted);
    std::fputs(to_table(all).c_str(), stdout);
    if (!wanted.json.empty()) std::ofstream(wanted.json) << to_json(all);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "nine-bench: %s\n", problem.what());
    return 1;
  }
}
