#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nine::telemetry {

/// Names and values that tell the series of one metric apart, such as {{"agent", "codex"}}.
using labels = std::vector<std::pair<std::string, std::string>>;

/// Only grows. Thread: any.
class counter {
 public:
  void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// Goes up and down. Thread: any.
class gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

/// The metrics of one process (O1). Making and showing them belongs to one thread; the counters and
/// gauges themselves may be used from any, as long as the registry lives.
class metric_registry {
 public:
  /// Series of all metrics together. What comes after them is counted in one series that nobody
  /// sees, and in nine_metric_series_dropped_total: labels that somebody outside chooses must not
  /// fill the memory.
  static constexpr std::size_t series_most = 10'000;

  /// The counter of this name and these labels, made at the first call. `name` follows Prometheus
  /// (letters, digits and '_', a counter's ends with _total); `help` is one sentence and is taken
  /// from the first call. The same name cannot be a counter and a gauge.
  nine::telemetry::counter& counter(std::string_view name, std::string_view help,
                                    labels which = {});
  nine::telemetry::gauge& gauge(std::string_view name, std::string_view help, labels which = {});

  /// All values in Prometheus' text format, version 0.0.4, sorted by name and labels.
  std::string to_prometheus() const;

 private:
  struct family {
    std::string help;
    std::map<std::string, nine::telemetry::counter*> counters;  ///< by their labels as shown
    std::map<std::string, nine::telemetry::gauge*> gauges;
  };

  family& family_of(std::string_view name, std::string_view help);
  bool is_full();

  std::map<std::string, family, std::less<>> families_;
  std::deque<nine::telemetry::counter> counters_;  ///< a deque: what was handed out stays in place
  std::deque<nine::telemetry::gauge> gauges_;
  nine::telemetry::counter unseen_counter_;
  nine::telemetry::gauge unseen_gauge_;
  nine::telemetry::counter dropped_;
};

}  // namespace nine::telemetry
