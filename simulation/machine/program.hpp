#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace nine::simulation {

class process_context;

/// What runs in a simulated process: one of ours, or a scripted agent. Destroyed when its process
/// ends, after all its coroutines.
class program {
 public:
  virtual ~program() = default;

  /// The process exits with what this returns. An exception that leaves it is an abort: a defect,
  /// which fails the run.
  virtual boost::asio::awaitable<int> run() = 0;

  /// A signal other than KILL, STOP and CONT. False: it has its default effect, the process dies.
  virtual bool handle_signal(int signal_number);

 protected:
  explicit program(process_context& context) : context_(context) {}
  process_context& context_;
};

using program_factory = std::function<std::unique_ptr<program>(process_context&)>;

/// Programs by their path, as they stand in process_specification::arguments[0]; a path that is not
/// found is looked up by its last part ("nine-shim").
using program_registry = std::map<std::string, program_factory>;

}  // namespace nine::simulation
