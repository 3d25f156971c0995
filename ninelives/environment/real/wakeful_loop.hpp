#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <utility>

namespace nine::environment {

/// Runs an io_context on this thread, as its run() does, but does not fall asleep while an answer
/// from another thread is near. To wake a thread takes some tens of microseconds on a virtual
/// machine whose processor has nothing else to do: as long as a fast disk takes for a sync. Staying
/// awake is yielding all the time: whoever else has work to do has the processor.
class wakeful_loop {
 public:
  /// `answer_is_near` is asked whenever nothing is ready to run, and must become false by itself
  /// when the answer does not come.
  wakeful_loop(boost::asio::io_context& context, std::function<bool()> answer_is_near)
      : context_(context), answer_is_near_(std::move(answer_is_near)) {}

  /// Until the context is stopped or out of work.
  void run();

  /// Runs what is ready; if nothing is, waits. False when the context is stopped or out of work.
  bool step();

 private:
  boost::asio::io_context& context_;
  const std::function<bool()> answer_is_near_;
};

}  // namespace nine::environment
