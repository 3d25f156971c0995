#include "simulation/environment/store_faults.hpp"

namespace nine::simulation {
namespace {

using journal::stores::store_fault;
using journal::stores::store_operation;

store_fault draw_commit(random_stream& random, const store_faults& shares) {
  if (random.chance(shares.commit_lost)) return store_fault::before;
  if (random.chance(shares.commit_kept)) return store_fault::unsynced;
  if (random.chance(shares.commit_unanswered)) return store_fault::after;
  if (random.chance(shares.fenced)) return store_fault::fenced;
  return store_fault::none;
}

double share_of(store_operation what, const store_faults& shares) {
  switch (what) {
    case store_operation::read:
    case store_operation::expire:
      return shares.read_error;
    case store_operation::claim:
    case store_operation::reopen:
      return shares.reopen_error;
    case store_operation::commit:
    case store_operation::maintain:
      break;
  }
  return 0;
}

}  // namespace

journal::stores::fault_plan drawn_faults(random_stream random, const store_faults& shares) {
  return [random, &shares](store_operation what) mutable {
    if (what == store_operation::commit) return draw_commit(random, shares);
    return random.chance(share_of(what, shares)) ? store_fault::before : store_fault::none;
  };
}

}  // namespace nine::simulation
