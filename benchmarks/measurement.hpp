#pragma once

#include <optional>
#include <string>
#include <vector>

namespace nine::benchmarks {

using samples = std::vector<double>;

/// `part` in [0, 1]; 0 of nothing.
double quantile(samples all, double part);
double median(const samples& all);

/// One row of the table.
struct measurement {
  std::string what;
  std::string unit;
  samples values;
  std::optional<double> shown;  ///< instead of the median
  std::string baseline_name;    ///< empty: there is none
  samples baseline;
  std::optional<double> baseline_shown;  ///< instead of its median
  std::string aim;                       ///< empty: reported only
  std::optional<bool> met;
  std::string note;

  double value() const { return shown.value_or(median(values)); }
  double baseline_value() const { return baseline_shown.value_or(median(baseline)); }
  /// value / baseline
  double ratio() const { return value() / baseline_value(); }
};

/// For people, and for machines.
std::string to_table(const std::vector<measurement>& all);
std::string to_json(const std::vector<measurement>& all);

}  // namespace nine::benchmarks
