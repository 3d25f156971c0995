#include "ninelives/demo/git_history.hpp"

#include <fmt/format.h>

#include <sstream>

#include "ninelives/base/utf8.hpp"

namespace nine::demo {
namespace {

namespace asio = boost::asio;

constexpr bytes output_bytes_most = 64 * MiB;
constexpr std::size_t diff_bytes_most = 200 * 1024;
constexpr char unit_separator = '\x1f';

/// One form of diff, whatever the settings of the repository make of it.
std::vector<std::string> show_command(const std::string& commit) {
  return {"/usr/bin/git",
          "-c",
          "core.quotePath=false",
          "show",
          "--format=",
          "--no-color",
          "--no-ext-diff",
          "--no-textconv",
          "--src-prefix=a/",
          "--dst-prefix=b/",
          commit};
}

}  // namespace

asio::awaitable<result<std::string>> run_program(environment::bundle environment,
                                                 std::vector<std::string> arguments,
                                                 std::filesystem::path directory,
                                                 std::filesystem::path scratch) {
  environment::process_specification specification;
  const auto name = std::filesystem::path(arguments.front()).filename().string();
  specification.arguments = std::move(arguments);
  specification.environment = {"PATH=/usr/local/bin:/usr/bin:/bin",
                               "LC_ALL=C.UTF-8",
                               "GIT_CONFIG_NOSYSTEM=1",
                               "GIT_CONFIG_COUNT=1",
                               "GIT_CONFIG_KEY_0=safe.directory",
                               "GIT_CONFIG_VALUE_0=*"};
  specification.directory = std::move(directory);
  specification.log = scratch / fmt::format("{}-{:016x}.out", name, environment.random.next());
  NINE_CO_TRY_ASSIGN(const auto process, environment.processes.spawn(specification));
  const auto exit = co_await environment.processes.wait(process);
  auto output = environment.files.read(specification.log, output_bytes_most);
  static_cast<void>(environment.files.remove(specification.log));
  if (!exit.success()) {
    co_return fail(error_code::io_error,
                   fmt::format("{}: {}: {}", name, to_string(exit), output.value_or("")));
  }
  co_return output;
}

asio::awaitable<result<std::vector<commit>>> newest_commits(environment::bundle environment,
                                                            std::filesystem::path repository,
                                                            std::filesystem::path scratch,
                                                            std::size_t count) {
  std::vector<std::string> log{"/usr/bin/git", "log", "--no-merges", fmt::format("-{}", count),
                               fmt::format("--format=%H{}%s", unit_separator)};
  NINE_CO_TRY_ASSIGN(const auto listing,
                     co_await run_program(environment, std::move(log), repository, scratch));
  std::vector<commit> commits;
  std::istringstream lines(listing);
  for (std::string line; std::getline(lines, line);) {
    const auto separator = line.find(unit_separator);
    if (separator == std::string::npos) continue;
    commit one{line.substr(0, separator), as_utf8(line.substr(separator + 1)), ""};
    auto show = show_command(one.id);
    NINE_CO_TRY_ASSIGN(auto diff,
                       co_await run_program(environment, std::move(show), repository, scratch));
    if (diff.empty()) continue;
    one.diff = utf8_prefix(as_utf8(std::move(diff)), diff_bytes_most);
    commits.push_back(std::move(one));
  }
  co_return commits;
}

}  // namespace nine::demo
