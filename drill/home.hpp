#pragma once

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "drill/program.hpp"

namespace nine::drill {

/// A home of a test's own, with the shipped program; at its end it is stopped, nothing may be left
/// over, and none of its programs may have said or shown that it is broken (complaints.hpp).
class home {
 public:
  /// `configuration` becomes the home's nine.yaml.
  explicit home(const std::string& configuration = "", const std::string& parent = "/tmp");
  ~home();

  const std::string& root() const { return root_; }
  /// Where agents run and leave marks.
  std::string workspace() const { return root_ + "/workspace"; }
  std::string mark(const std::string& name) const { return workspace() + "/" + name; }
  void set(const std::string& name, const std::string& value) { environment_[name] = value; }
  /// The core may end like this ("signal 6", "exit code 1"): the test has it do so.
  void expect_ending(const std::string& how) { expected_endings_.push_back(how); }

  /// Runs `nine ARGUMENTS` to its end.
  outcome nine(const std::vector<std::string>& arguments);
  /// Starts `nine ARGUMENTS` in the background, with this file as its standard input.
  std::unique_ptr<running_program> start(const std::vector<std::string>& arguments,
                                         const std::string& input = "/dev/null");

  /// Starts a shell script in the background, in the workspace; "$0" is the program.
  std::unique_ptr<running_program> start_script(const std::string& script);

  /// The JSON a command prints.
  boost::json::object json(std::vector<std::string> arguments);

  /// Gives a task run by a shell script; returns its id. The prompt is in $1, marks go to the
  /// workspace.
  std::string give(const std::string& script);
  boost::json::object task(const std::string& id) { return json({"task", "show", id}); }
  boost::json::object wait(const std::string& id);
  /// How many facts of this kind the task has.
  int facts(const std::string& id, const std::string& kind);

  /// Pids of the home's processes by role, as `nine ps` tells.
  std::vector<int> pids(const std::string& role);
  int pid(const std::string& role);

  /// Every living process that belongs to the home, found without asking it.
  std::vector<int> all_processes() const;
  void kill_everything() const;

 private:
  std::unique_ptr<running_program> start_words(const std::vector<std::string>& words,
                                               const std::string& input);
  void hear_complaints();

  std::string root_;
  std::string outputs_;  ///< of commands; not in the home, whose disk a test may fill
  std::map<std::string, std::string> environment_;
  std::vector<std::string> expected_endings_;
  std::set<std::string> complaints_;
  int runs_ = 0;
};

/// A field of a JSON answer that is a text.
std::string text(const boost::json::object& answer, const char* name);

/// Is this process alive, and does its environment name the home? Zombies have no environment.
bool belongs_to(int pid, const std::string& root);

/// Every living process that belongs to the home at this place.
std::vector<int> processes_of(const std::string& root);

/// guard, core or shim by its command line; everything else of a home is an agent's.
std::string role_of(int pid);

/// Living processes whose command line contains this.
std::vector<int> processes_with(const std::string& words);

/// Looks again and again until the condition holds; false after `patience`.
bool eventually(const std::function<bool()>& condition,
                std::chrono::seconds patience = std::chrono::seconds(30));

bool exists(const std::string& path);

/// Regular files at any depth. What goes while this looks is left out.
std::vector<std::string> files_below(const std::string& directory);

}  // namespace nine::drill
