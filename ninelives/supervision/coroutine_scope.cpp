#include "ninelives/supervision/coroutine_scope.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace nine::supervision {

namespace asio = boost::asio;

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
  asio::co_spawn(executor_, std::move(work),
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
