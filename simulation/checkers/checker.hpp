#pragma once

#include "simulation/machine/process_record.hpp"

namespace nine::simulation {

class world;

/// Watches a world for something that must never be. Called after each event; says world::fail().
class checker {
 public:
  virtual ~checker() = default;
  virtual void process_started(world&, const process_record&) {}
  virtual void process_ended(world&, const process_record&) {}
  virtual void finished(world&) {}
};

}  // namespace nine::simulation
