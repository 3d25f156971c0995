#include "drill/home.hpp"

#include <dirent.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "drill/complaints.hpp"
#include "ninelives/base/json_text.hpp"

namespace nine::drill {
namespace {

const std::string program = std::string(NINE_PROGRAM_DIRECTORY) + "/nine";

std::vector<int> processes_that(const std::function<bool(int)>& match) {
  std::vector<int> found;
  auto* directory = ::opendir("/proc");
  while (const auto* entry = ::readdir(directory)) {
    const int pid = std::atoi(entry->d_name);
    if (pid > 1 && pid != ::getpid() && match(pid)) found.push_back(pid);
  }
  ::closedir(directory);
  return found;
}

}  // namespace

bool belongs_to(int pid, const std::string& root) {
  const auto environment = read_file("/proc/" + std::to_string(pid) + "/environ");
  return environment.find("NINE_HOME=" + root + '\0') != std::string::npos ||
         environment.find("NINE_CHILD=" + root + "/") != std::string::npos;
}

std::string role_of(int pid) {
  const auto words = read_file("/proc/" + std::to_string(pid) + "/cmdline");
  if (words.contains(std::string("nine\0guard", 10))) return "guard";
  if (words.contains(std::string("nine\0core", 9))) return "core";
  return words.contains("nine-shim") ? "shim" : "agent";
}

home::home(const std::string& configuration, const std::string& parent) {
  std::string pattern = parent + "/nine-drill-XXXXXX";
  root_ = ::mkdtemp(pattern.data());
  std::string beside = "/tmp/nine-drill-output-XXXXXX";
  outputs_ = ::mkdtemp(beside.data());
  std::filesystem::create_directory(workspace());
  if (!configuration.empty()) write_file(root_ + "/nine.yaml", configuration);
  environment_ = {{"NINE_HOME", root_}, {"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"HOME", root_}};
  for (const auto* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "ASAN_SYMBOLIZER_PATH"})
    if (const auto* value = ::getenv(name)) environment_[name] = value;
}

home::~home() {
  const auto down = nine({"down"});
  EXPECT_EQ(down.exit_code, 0) << down.err;
  const auto left = all_processes();
  EXPECT_TRUE(left.empty()) << left.size() << " processes are left over, the first has pid "
                            << left.front() << ": "
                            << read_file("/proc/" + std::to_string(left.front()) + "/cmdline");
  kill_everything();
  hear_complaints();
  for (const auto& one : complaints_)
    ADD_FAILURE() << one;
  if (::testing::Test::HasFailure()) {
    std::fprintf(stderr, "the home of the failed test is kept: %s, %s\n", root_.c_str(),
                 outputs_.c_str());
    return;
  }
  std::filesystem::remove_all(outputs_);
  std::filesystem::remove_all(root_);
}

std::unique_ptr<running_program> home::start(const std::vector<std::string>& arguments,
                                             const std::string& input) {
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return start_words(words, input);
}

std::unique_ptr<running_program> home::start_script(const std::string& script) {
  return start_words({"/bin/sh", "-c", script, program}, "/dev/null");
}

std::unique_ptr<running_program> home::start_words(const std::vector<std::string>& words,
                                                   const std::string& input) {
  return std::make_unique<running_program>(words, environment_, workspace(),
                                           outputs_ + "/command-" + std::to_string(++runs_), input);
}

outcome home::nine(const std::vector<std::string>& arguments) {
  hear_complaints();
  return start(arguments)->wait(std::chrono::seconds(120));
}

/// Again and again: the log of a shim goes with its agent, and a full log takes the place of the
/// one before.
void home::hear_complaints() {
  for (auto& one : complaints_of(root_, expected_endings_))
    complaints_.insert(std::move(one));
}

boost::json::object home::json(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  const auto answered = nine(arguments);
  boost::json::error_code problem;
  auto value = boost::json::parse(answered.out, problem);
  EXPECT_FALSE(problem) << arguments.front() << " printed: " << answered.out << answered.err;
  return value.is_object() ? value.get_object() : boost::json::object();
}

std::string home::give(const std::string& script) {
  const auto given =
      nine({"run", "--detach", "--timeout", "5m", "do it", "--", "/bin/sh", "-c", script});
  EXPECT_EQ(given.exit_code, 0) << given.err;
  return given.out.substr(0, given.out.find('\n'));
}

boost::json::object home::wait(const std::string& id) {
  return json({"task", "wait", id});
}

int home::facts(const std::string& id, const std::string& kind) {
  const auto told = json({"task", "explain", id});
  return static_cast<int>(
      std::ranges::count_if(told.at("timeline").as_array(), [&](const boost::json::value& fact) {
        return fact.as_object().at("kind").as_string() == kind;
      }));
}

std::vector<int> home::pids(const std::string& role) {
  std::vector<int> found;
  const auto status = json({"status"});
  for (const auto& entry : status.at("processes").as_array()) {
    const auto& process = entry.as_object();
    if (process.at("role").as_string() == role) found.push_back(process.at("pid").to_number<int>());
  }
  return found;
}

int home::pid(const std::string& role) {
  int found = 0;
  eventually([&] {
    const auto all = pids(role);
    found = all.empty() ? 0 : all.front();
    return found > 0;
  });
  return found;
}

std::vector<int> home::all_processes() const {
  return processes_of(root_);
}

/// Again and again, for one of them may be starting another; and one that waits for its disk dies
/// only when that has answered.
void home::kill_everything() const {
  eventually([&] {
    const auto living = all_processes();
    for (const auto pid : living)
      send_signal(pid, SIGKILL);
    return living.empty();
  });
}

std::string text(const boost::json::object& answer, const char* name) {
  return text_in(answer, name);
}

std::vector<int> processes_of(const std::string& root) {
  return processes_that([&](int pid) { return belongs_to(pid, root); });
}

std::vector<int> processes_with(const std::string& words) {
  return processes_that([&](int pid) {
    return read_file("/proc/" + std::to_string(pid) + "/cmdline").find(words) != std::string::npos;
  });
}

bool eventually(const std::function<bool()>& condition, std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    ::poll(nullptr, 0, 20);  // between two looks at another process there is nothing to be woken by
  }
  return condition();
}

bool exists(const std::string& path) {
  return std::filesystem::exists(path);
}

std::vector<std::string> files_below(const std::string& directory) {
  std::vector<std::string> found;
  std::vector<std::filesystem::path> ahead{directory};
  while (!ahead.empty()) {  // a recursive iterator would end at the first directory that is gone
    const auto here = std::move(ahead.back());
    ahead.pop_back();
    std::error_code gone;
    for (std::filesystem::directory_iterator at(here, gone), end; !gone && at != end;
         at.increment(gone)) {
      std::error_code ignored;
      const auto kind = at->symlink_status(ignored).type();
      if (kind == std::filesystem::file_type::directory) ahead.push_back(at->path());
      if (kind == std::filesystem::file_type::regular) found.push_back(at->path());
    }
  }
  return found;
}

}  // namespace nine::drill
