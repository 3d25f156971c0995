#pragma once

#include <stdlib.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "ninelives/base/assert.hpp"

/// For tests that need the real operating system.
namespace nine::environment::testing {

/// A directory that is removed with all it holds.
class temporary_directory {
 public:
  temporary_directory() {
    std::string name = std::filesystem::temp_directory_path() / "nine-test-XXXXXX";
    NINE_ASSERT(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Runs the context until the coroutine has ended; gives its value or throws its exception. Other
/// coroutines of the context run meanwhile.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> coroutine) {
  std::optional<T> value;
  std::exception_ptr problem;
  bool ended = false;
  boost::asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr thrown, T outcome) {
    problem = thrown;
    value.emplace(std::move(outcome));
    ended = true;
  });
  context.restart();
  while (!ended && context.run_one() > 0) {
  }
  NINE_ASSERT(ended);
  if (problem) std::rethrow_exception(problem);
  return std::move(*value);
}

inline void run(boost::asio::io_context& context, boost::asio::awaitable<void> coroutine) {
  std::exception_ptr problem;
  bool ended = false;
  boost::asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr thrown) {
    problem = thrown;
    ended = true;
  });
  context.restart();
  while (!ended && context.run_one() > 0) {
  }
  NINE_ASSERT(ended);
  if (problem) std::rethrow_exception(problem);
}

}  // namespace nine::environment::testing
