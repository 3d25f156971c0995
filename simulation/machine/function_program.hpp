#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "simulation/machine/process_context.hpp"
#include "simulation/machine/program.hpp"

namespace nine::simulation {

/// A program that is one coroutine; for clients and helpers of a scenario.
class function_program final : public program {
 public:
  using body = std::function<boost::asio::awaitable<int>(process_context&)>;

  function_program(process_context& context, body what)
      : program(context), body_(std::move(what)) {}

  boost::asio::awaitable<int> run() override { return body_(context_); }

 private:
  body body_;
};

inline program_factory program_of(function_program::body what) {
  return [what = std::move(what)](process_context& context) {
    return std::make_unique<function_program>(context, what);
  };
}

}  // namespace nine::simulation
