#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

namespace nine::benchmarks {

/// What a core says about the processes of its home.
struct home_view {
  int core = 0;
  int shims_connected = 0;
  std::map<std::string, int> shims;   ///< pid by child
  std::map<std::string, int> agents;  ///< pid by child; running ones only
};

/// A home of its own on disk, run by the shipped program; stopped and removed at the end.
class bench_home {
 public:
  bench_home(std::string root, const std::string& configuration);
  ~bench_home();
  bench_home(const bench_home&) = delete;
  bench_home& operator=(const bench_home&) = delete;

  const std::string& root() const { return root_; }
  std::vector<std::string> environment() const;

  void up();
  /// Gives a task whose agent is this command; its name.
  std::string give(const std::vector<std::string>& command);
  /// Waits for the end of a task, which must be a good one.
  std::string result_of(const std::string& task);

  /// Asks the core; while none serves, the question waits in the backlog of the guard's socket.
  home_view look();

 private:
  int run(const std::string& command);
  boost::json::object call(const std::string& method, const std::string& target,
                           const std::string& body);

  std::string root_;
};

}  // namespace nine::benchmarks
