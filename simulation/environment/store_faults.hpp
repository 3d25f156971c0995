#pragma once

#include "ninelives/journal/stores/faulty/faulty_store.hpp"
#include "simulation/scheduler/random_stream.hpp"

namespace nine::simulation {

struct store_faults {
  double commit_lost = 0;        ///< share of transactions that fail and have not taken place
  double commit_kept = 0;        ///< share that fail although they have, not synced
  double commit_unanswered = 0;  ///< share that fail although they have, synced
  double fenced = 0;             ///< share refused as if a newer core had claimed
  double read_error = 0;         ///< share of questions, and of expiries, that fail
  double reopen_error = 0;       ///< share of claims and reopenings that fail
};

/// Fails as disks do, in these shares; a scenario may change them at any time.
journal::stores::fault_plan drawn_faults(random_stream random, const store_faults& shares);

}  // namespace nine::simulation
