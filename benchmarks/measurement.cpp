#include "benchmarks/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace nine::benchmarks {
namespace {

/// Three digits that count, without an exponent.
std::string digits(double value) {
  if (value >= 100) return fmt::format("{:.0f}", value);
  if (value >= 10) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

std::string with_unit(double value, const std::string& unit) {
  return fmt::format("{} {}", digits(value), unit);
}

/// Between which values the middle half lies; of few, all.
std::string spread(const samples& values) {
  constexpr std::size_t few = 10;
  const double edge = values.size() < few ? 0 : 0.25;
  if (values.size() < 2) return "";
  return fmt::format("{}-{}", digits(quantile(values, edge)), digits(quantile(values, 1 - edge)));
}

std::string verdict(const measurement& row) {
  if (!row.met) return "";
  return *row.met ? "met" : "MISSED";
}

boost::json::object to_object(const measurement& row) {
  boost::json::object object{{"what", row.what},
                             {"unit", row.unit},
                             {"value", row.value()},
                             {"samples", row.values.size()},
                             {"p25", quantile(row.values, 0.25)},
                             {"p75", quantile(row.values, 0.75)},
                             {"p99", quantile(row.values, 0.99)},
                             {"least", quantile(row.values, 0)},
                             {"most", quantile(row.values, 1)},
                             {"aim", row.aim},
                             {"note", row.note}};
  if (row.met) object["met"] = *row.met;
  if (row.baseline_name.empty()) return object;
  object["baseline"] = row.baseline_name;
  object["baseline_value"] = row.baseline_value();
  object["baseline_p25"] = quantile(row.baseline, 0.25);
  object["baseline_p75"] = quantile(row.baseline, 0.75);
  object["ratio"] = row.ratio();
  return object;
}

}  // namespace

double quantile(samples all, double part) {
  if (all.empty()) return 0;
  std::ranges::sort(all);
  return all[static_cast<std::size_t>(part * static_cast<double>(all.size() - 1) + 0.5)];
}

double median(const samples& all) {
  return quantile(all, 0.5);
}

std::string to_table(const std::vector<measurement>& all) {
  constexpr auto line = "{:<46} {:>15} {:>15} {:>5}  {:<37} {:>6}  {:<22} {}\n";
  auto table =
      fmt::format(line, "what", "median", "spread", "n", "baseline", "ratio", "aim", "verdict");
  for (const auto& row : all) {
    const bool compared = !row.baseline_name.empty();
    const auto baseline = compared ? fmt::format("{} {}", row.baseline_name,
                                                 with_unit(row.baseline_value(), row.unit))
                                   : std::string();
    table += fmt::format(line, row.what, with_unit(row.value(), row.unit), spread(row.values),
                         row.values.size(), baseline, compared ? digits(row.ratio()) : "", row.aim,
                         verdict(row));
  }
  for (const auto& row : all) {
    if (!row.note.empty()) table += fmt::format("  {}: {}\n", row.what, row.note);
  }
  return table;
}

std::string to_json(const std::vector<measurement>& all) {
  boost::json::array rows;
  for (const auto& row : all)
    rows.push_back(to_object(row));
  return boost::json::serialize(boost::json::object{{"measurements", std::move(rows)}}) + "\n";
}

}  // namespace nine::benchmarks
