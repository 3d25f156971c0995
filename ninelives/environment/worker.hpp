#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace nine::environment {

/// Runs work that blocks, one piece after the other in the order given, away from the executor that
/// calls. The real one is a thread; the simulated one runs the work at a moment the seed decides.
class worker {
 public:
  virtual ~worker() = default;

  /// Thread: any. The work must not throw.
  virtual void post(std::move_only_function<void()> work) = 0;
};

/// Runs `work` on `where` and returns its result on the calling coroutine's executor. Not
/// cancellable: what has begun is waited for. The work owns all it needs, for the caller may be
/// destroyed meanwhile; when it is done, what it owns is let go on the executor, never beside it.
/// The worker ends before the executor.
template <class Work>
auto run_on(worker& where, Work work) -> boost::asio::awaitable<std::invoke_result_t<Work&>> {
  struct shared_state {
    Work work;
    std::optional<std::invoke_result_t<Work&>> outcome;
  };
  auto state = std::make_shared<shared_state>(std::move(work), std::nullopt);
  const auto executor = co_await boost::asio::this_coro::executor;
  // Captures by reference only: g++ 12 destroys what a temporary in a co_await operand owns twice.
  auto begin = [&where, &executor, &state](auto handler) {
    where.post([state, executor, handler = std::move(handler)]() mutable {
      state->outcome.emplace(state->work());
      auto resume = [state = std::move(state), handler = std::move(handler)]() mutable {
        handler();
      };
      boost::asio::post(executor, std::move(resume));
    });
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
      begin, boost::asio::use_awaitable);
  co_return std::move(*state->outcome);
}

}  // namespace nine::environment
