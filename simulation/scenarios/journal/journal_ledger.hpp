#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ninelives/journal/fact.hpp"
#include "ninelives/journal/stores/memory/memory_medium.hpp"
#include "simulation/checkers/checker.hpp"

namespace nine::simulation {

/// What one writer put into one record; its text is the record's body, unique in a run.
struct journal_entry {
  std::int64_t core = 0;     ///< epoch of the core that wrote it
  std::uint64_t number = 0;  ///< rises with every call of that core
  std::int64_t raise = 0;    ///< the task's new epoch, 0: not raised

  std::string text() const;
  static journal_entry from(const std::string& text);
};

/// Knows what the journal promised, and compares the medium with it after every change of cores.
class journal_ledger final : public checker {
 public:
  explicit journal_ledger(std::shared_ptr<journal::stores::memory_medium> medium)
      : medium_(std::move(medium)) {}

  void acknowledged(sequence number, const std::string& body) {
    acknowledged_[number.value()] = body;
  }
  void refused(const std::string& body) { refused_.insert(body); }
  std::size_t acknowledgements() const { return acknowledged_.size(); }

  void process_ended(world& stage, const process_record&) override { compare(stage); }
  void finished(world& stage) override { compare(stage); }

 private:
  void compare(world& stage);
  void check_promises(world& stage, const std::vector<journal::fact>& facts);
  void check_order(world& stage, const std::vector<journal::fact>& facts);
  void check_fences(world& stage, const std::vector<journal::fact>& facts);

  std::shared_ptr<journal::stores::memory_medium> medium_;
  std::map<std::int64_t, std::string> acknowledged_;
  std::set<std::string> refused_;
};

}  // namespace nine::simulation
