#include "simulation/scenarios/journal/journal_core.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "ninelives/journal/stores/memory/memory_store.hpp"

namespace nine::simulation {

boost::asio::awaitable<int> journal_core::run() {
  worker_ = context_.make_worker();
  auto store = std::make_unique<journal::stores::faulty_store>(
      std::make_unique<journal::stores::memory_store>(home_.medium),
      drawn_faults(random_stream(context_.random().next()), home_.plan),
      [this] { home_.acknowledged_at_reopening = home_.ledger->acknowledgements(); });
  auto claimed = store->claim();
  if (!claimed) co_return 1;
  mine_ = *claimed;
  journal_.emplace(context_.executor(), context_.clock(), *worker_, std::move(store));
  for (writing_ = 0; writing_ < writers; ++writing_) {
    boost::asio::co_spawn(context_.executor(), write_often(), boost::asio::detached);
  }
  while (writing_ > 0) {
    co_await context_.clock().sleep_for(10ms);
  }
  co_return 0;
}

boost::asio::awaitable<void> journal_core::write_often() {
  for (int call = 0; call < calls_each; ++call) {
    co_await write_once();
    const auto pause = duration(static_cast<std::int64_t>(context_.random().next() % 5'000'000));
    co_await context_.clock().sleep_for(pause);
  }
  --writing_;
}

/// Mostly appends; now and then a fact is queued, whose durability the next flush proves.
boost::asio::awaitable<void> journal_core::write_once() {
  auto entry = draw_record();
  const auto body = entry.body;
  if (context_.random().next_unit() < 0.7) {
    const auto outcome = co_await journal_->append(std::move(entry));
    settle(body, outcome);
    co_return;
  }
  const auto how =
      context_.random().next_unit() < 0.5 ? journal::durability::lazy : journal::durability::synced;
  const auto queued = journal_->enqueue(std::move(entry), how);
  if (!queued) {
    settle(body, std::unexpected(queued.error()));
  } else if (context_.random().next_unit() < 0.2) {
    co_await journal_->flush();
  }
}

/// Raises are drawn from what this core believes; a third of the epochs drawn are wrong on purpose.
journal::record journal_core::draw_record() {
  auto& random = context_.random();
  journal::record entry;
  entry.task = task_id(1 + static_cast<std::int64_t>(random.next() % tasks));
  entry.kind = "written";
  journal_entry content{mine_.value(), ++calls_, 0};
  if (random.next_unit() < 0.2) {
    content.raise = 1 + static_cast<std::int64_t>(random.next() % 200);
    entry.raise_to = epoch(content.raise);
  } else if (random.next_unit() < 0.5) {
    entry.writer = epoch(1 + static_cast<std::int64_t>(random.next() % 200));
  }
  entry.body = content.text();
  return entry;
}

/// `cancelled` and the like leave it open whether the record became a fact.
void journal_core::settle(const std::string& body, const result<sequence>& outcome) {
  if (outcome) {
    home_.ledger->acknowledged(*outcome, body);
  } else if (outcome.error().code == error_code::precondition_failed ||
             outcome.error().code == error_code::already_exists) {
    home_.ledger->refused(body);
  }
}

}  // namespace nine::simulation
