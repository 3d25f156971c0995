#include "ninelives/telemetry/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "ninelives/base/assert.hpp"

namespace nine::telemetry {
namespace {

bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && (text[0] < '0' || text[0] > '9') && std::ranges::all_of(text, fits);
}

/// As the text format wants it: backslash, line end and (in labels) quote escaped.
std::string escaped(std::string_view text, bool in_label) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && in_label) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

/// {agent="codex",type="x"}, sorted, so that the order of the labels makes no difference.
std::string shown(labels which) {
  if (which.empty()) return {};
  std::ranges::sort(which);
  std::string out;
  for (const auto& [name, value] : which) {
    NINE_ASSERT(is_name(name));
    out += fmt::format("{}{}=\"{}\"", out.empty() ? '{' : ',', name, escaped(value, true));
  }
  return out + '}';
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

metric_registry::family& metric_registry::family_of(std::string_view name, std::string_view help) {
  const auto found = families_.find(name);
  if (found != families_.end()) return found->second;
  NINE_ASSERT(is_name(name));
  return families_.emplace(std::string(name), family{std::string(help), {}, {}}).first->second;
}

bool metric_registry::is_full() {
  if (counters_.size() + gauges_.size() < series_most) return false;
  dropped_.add();
  return true;
}

counter& metric_registry::counter(std::string_view name, std::string_view help, labels which) {
  auto& all = family_of(name, help);
  NINE_ASSERT(all.gauges.empty());
  const auto key = shown(std::move(which));
  if (const auto found = all.counters.find(key); found != all.counters.end()) {
    return *found->second;
  }
  if (is_full()) return unseen_counter_;
  return *(all.counters[key] = &counters_.emplace_back());
}

gauge& metric_registry::gauge(std::string_view name, std::string_view help, labels which) {
  auto& all = family_of(name, help);
  NINE_ASSERT(all.counters.empty());
  const auto key = shown(std::move(which));
  if (const auto found = all.gauges.find(key); found != all.gauges.end()) return *found->second;
  if (is_full()) return unseen_gauge_;
  return *(all.gauges[key] = &gauges_.emplace_back());
}

std::string metric_registry::to_prometheus() const {
  std::string out;
  const auto end = std::back_inserter(out);
  for (const auto& [name, all] : families_) {
    if (all.counters.empty() && all.gauges.empty()) continue;
    fmt::format_to(end, "# HELP {} {}\n# TYPE {} {}\n", name, escaped(all.help, false), name,
                   all.gauges.empty() ? "counter" : "gauge");
    for (const auto& [key, item] : all.counters) {
      fmt::format_to(end, "{}{} {}\n", name, key, item->value());
    }
    for (const auto& [key, item] : all.gauges) {
      fmt::format_to(end, "{}{} {}\n", name, key, number(item->value()));
    }
  }
  if (dropped_.value() > 0) {
    fmt::format_to(end,
                   "# HELP nine_metric_series_dropped_total Requests for a series past the most "
                   "there may be.\n# TYPE nine_metric_series_dropped_total counter\n"
                   "nine_metric_series_dropped_total {}\n",
                   dropped_.value());
  }
  return out;
}

}  // namespace nine::telemetry
