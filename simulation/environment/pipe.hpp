#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "simulation/machine/faults.hpp"
#include "simulation/scheduler/random_stream.hpp"
#include "simulation/scheduler/scheduler.hpp"
#include "simulation/scheduler/wait_point.hpp"

namespace nine::simulation {

/// One direction of a connection: takes bytes at one end and gives them at the other, later, in
/// segments of any size, in order.
class pipe : public std::enable_shared_from_this<pipe> {
 public:
  pipe(scheduler& owner, lane& wire, random_stream random, const faults& plan)
      : scheduler_(owner), wire_(wire), random_(random), faults_(plan) {}

  static constexpr std::size_t capacity = 64 * 1024;

  // --- the writing end ---
  std::size_t space() const { return capacity - under_way_ - arrived_.size(); }
  void send(std::string_view data);
  /// Nothing more will be sent; the reader learns it after what was sent before.
  void end_writing();
  bool reader_gone() const { return reader_gone_ || broken_; }
  wait_point& space_changed() { return space_changed_; }

  // --- the reading end ---
  bool has_arrived() const { return !arrived_.empty(); }
  bool ended() const { return ended_ && arrived_.empty(); }
  /// A random part of what has arrived, at most `most` and at least one byte.
  std::string take(std::size_t most);
  void end_reading();
  wait_point& arrived() { return arrived_changed_; }

  /// The connection is lost: what is under way never arrives.
  void break_off();
  bool broken() const { return broken_; }

 private:
  void deliver_later(job arrival);

  scheduler& scheduler_;
  lane& wire_;
  random_stream random_;
  const faults& faults_;
  std::string arrived_;
  std::size_t under_way_ = 0;
  monotonic_time last_arrival_{};
  bool writer_gone_ = false;
  bool ended_ = false;
  bool reader_gone_ = false;
  bool broken_ = false;
  wait_point arrived_changed_;
  wait_point space_changed_;
};

}  // namespace nine::simulation
