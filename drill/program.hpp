#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nine::drill {

struct outcome {
  int exit_code = -1;  ///< -1: killed, or over time
  std::string out;
  std::string err;
};

/// A program that runs in the background with its output in files.
class running_program {
 public:
  running_program(const std::vector<std::string>& arguments,
                  const std::map<std::string, std::string>& environment,
                  const std::string& directory, const std::string& output_stem,
                  const std::string& input = "/dev/null");
  ~running_program();
  running_program(const running_program&) = delete;
  running_program& operator=(const running_program&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  /// What it has printed so far.
  std::string out() const;
  std::string err() const;

  /// Waits for its end; kills it when it takes longer.
  outcome wait(std::chrono::seconds patience = std::chrono::seconds(60));

 private:
  pid_t pid_ = -1;
  std::string output_stem_;
};

/// Sends a signal to this process; says whether there was one. Fails the test for a pid that is
/// none or stands for many: 0 is the test and all that was started with it, -1 is everybody.
bool send_signal(int pid, int number);

/// Does this process run (or stand stopped)? One that is dead and not yet reaped does not.
bool is_alive(int pid);

std::string read_file(const std::string& path);
/// Sends the text to a Unix socket, as far as it is taken, and gives all that comes back.
std::string send_and_receive(const std::string& socket, std::string_view text);
void write_file(const std::string& path, const std::string& content);

}  // namespace nine::drill
