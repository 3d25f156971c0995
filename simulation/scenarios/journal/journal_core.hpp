#pragma once

#include <memory>
#include <optional>

#include "ninelives/journal/journal.hpp"
#include "simulation/environment/store_faults.hpp"
#include "simulation/machine/process_context.hpp"
#include "simulation/machine/program.hpp"
#include "simulation/scenarios/journal/journal_ledger.hpp"

namespace nine::simulation {

/// What the cores of a journal scenario share: the home's disk and the book about it.
struct journal_home {
  std::shared_ptr<journal::stores::memory_medium> medium =
      std::make_shared<journal::stores::memory_medium>();
  store_faults plan;
  journal_ledger* ledger = nullptr;
  /// How much was acknowledged when a store was last reopened; none: not since somebody looked.
  std::optional<std::size_t> acknowledged_at_reopening;
};

/// A core reduced to its journal: a few writers append, raise epochs and queue lazy facts.
class journal_core final : public program {
 public:
  journal_core(process_context& context, journal_home& home) : program(context), home_(home) {}

  boost::asio::awaitable<int> run() override;

  static constexpr int writers = 4;
  static constexpr int calls_each = 30;
  static constexpr int tasks = 3;

 private:
  boost::asio::awaitable<void> write_often();
  boost::asio::awaitable<void> write_once();
  journal::record draw_record();
  void settle(const std::string& body, const result<sequence>& outcome);

  journal_home& home_;
  std::unique_ptr<environment::worker> worker_;
  std::optional<journal::journal> journal_;
  core_epoch mine_;
  std::uint64_t calls_ = 0;
  int writing_ = 0;
};

}  // namespace nine::simulation
