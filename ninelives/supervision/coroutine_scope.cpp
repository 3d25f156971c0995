#include "ninelives/supervision/coroutine_scope.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace nine::supervision {

namespace asio = boost::asio;

namespace {

/// Boost 1.81 awaits once more behind a coroutine that never gave the executor back, where nobody
/// catches what a cancelled one throws: so from here on it throws nothing any more.
asio::awaitable<void> to_its_end(asio::awaitable<void> work) {
  std::exception_ptr problem;
  try {
    co_await std::move(work);
  } catch (...) {
    problem = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  if (problem) std::rethrow_exception(problem);
}

}  // namespace

coroutine_scope::coroutine_scope(asio::any_io_executor executor) : executor_(std::move(executor)) {}

void coroutine_scope::spawn(asio::awaitable<void> work) {
  if (state_->cancelled) return;
  const auto number = state_->next++;
  auto signal = std::make_shared<asio::cancellation_signal>();
  state_->running.emplace(number, signal);
  auto ended = [state = state_, number, signal](std::exception_ptr problem) {
    state->running.erase(number);
    if (problem && !state->cancelled) std::rethrow_exception(problem);
  };
  asio::co_spawn(executor_, to_its_end(std::move(work)),
                 asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

void coroutine_scope::cancel() {
  state_->cancelled = true;
  // A copy: a coroutine may end, and leave the table, while it is told.
  std::vector<std::shared_ptr<asio::cancellation_signal>> signals;
  for (const auto& [number, signal] : state_->running)
    signals.push_back(signal);
  for (const auto& signal : signals)
    signal->emit(asio::cancellation_type::all);
}

}  // namespace nine::supervision
