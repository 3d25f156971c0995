// A benchmark that is cut off leaves nothing behind: neither its home nor the loop it compares
// with.

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>

#include "drill/home.hpp"

namespace nine::drill {
namespace {

/// `nine-bench` with a few agents, at its longest part, in a directory of its own.
struct running_benchmark {
  running_benchmark() {
    std::string pattern = "/tmp/nine-drill-bench-XXXXXX";
    directory = ::mkdtemp(pattern.data());
    program = std::make_unique<running_program>(
        std::vector<std::string>{std::string(NINE_PROGRAM_DIRECTORY) + "/nine-bench", "restart",
                                 "--agents", "20", "--directory", directory + "/state"},
        std::map<std::string, std::string>{{"PATH", "/usr/bin:/bin"}}, directory,
        directory + "/benchmark");
    agents = "/tmp/nine-bench-" + std::to_string(program->pid()) + ".sock";
  }
  ~running_benchmark() {
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }

  /// The agents of both rivals, and the bare loop: all are told where to say that they live.
  std::vector<int> processes() const { return processes_with(agents); }

  std::string directory;
  std::string agents;
  std::unique_ptr<running_program> program;
};

TEST(benchmarks, that_are_cut_off_leave_no_process_and_no_state) {
  for (const auto number : {SIGTERM, SIGKILL}) {
    const running_benchmark benchmark;
    ASSERT_TRUE(eventually([&] {
      return exists(benchmark.directory + "/state/bare.log") && benchmark.processes().size() > 2;
    })) << benchmark.program->err();
    benchmark.program->signal(number);
    constexpr std::chrono::seconds patience{90};  // shims look ever less often
    EXPECT_TRUE(eventually([&] { return benchmark.processes().empty(); }, patience))
        << "signal " << number;
    EXPECT_TRUE(eventually([&] { return !exists(benchmark.directory + "/state"); }, patience));
    for (const auto pid : benchmark.processes())
      send_signal(pid, SIGKILL);
  }
}

}  // namespace
}  // namespace nine::drill
