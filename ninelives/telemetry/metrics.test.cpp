#include "ninelives/telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace nine::telemetry {
namespace {

TEST(metrics, values_are_shown_in_prometheus_text_format) {
  metric_registry all;
  all.counter("nine_restarts_total", "Restarts of agents.", {{"agent", "b"}}).add();
  all.counter("nine_restarts_total", "", {{"agent", "a"}}).add(2);
  all.gauge("nine_agents", "Agents that run.").set(1.5);
  EXPECT_EQ(all.to_prometheus(),
            "# HELP nine_agents Agents that run.\n"
            "# TYPE nine_agents gauge\n"
            "nine_agents 1.5\n"
            "# HELP nine_restarts_total Restarts of agents.\n"
            "# TYPE nine_restarts_total counter\n"
            "nine_restarts_total{agent=\"a\"} 2\n"
            "nine_restarts_total{agent=\"b\"} 1\n");
}

TEST(metrics, the_same_name_and_labels_are_the_same_series) {
  metric_registry all;
  auto& one = all.counter("c_total", "", {{"x", "1"}, {"y", "2"}});
  auto& other = all.counter("c_total", "", {{"y", "2"}, {"x", "1"}});
  EXPECT_EQ(&one, &other);
  EXPECT_NE(&one, &all.counter("c_total", "", {{"x", "1"}}));
}

TEST(metrics, labels_and_help_are_escaped) {
  metric_registry all;
  all.gauge("g", "a\\b\nc", {{"l", "q\"\\\n"}}).set(std::numeric_limits<double>::infinity());
  EXPECT_EQ(all.to_prometheus(),
            "# HELP g a\\\\b\\nc\n# TYPE g gauge\ng{l=\"q\\\"\\\\\\n\"} +Inf\n");
}

TEST(metrics, past_the_most_series_nothing_grows_and_that_is_told) {
  metric_registry all;
  for (std::size_t i = 0; i < metric_registry::series_most + 3; ++i) {
    all.counter("c_total", "", {{"x", std::to_string(i)}}).add();
  }
  EXPECT_THAT(all.to_prometheus(), testing::EndsWith("\nnine_metric_series_dropped_total 3\n"));
}

}  // namespace
}  // namespace nine::telemetry
