#include "ninelives/telemetry/logger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "ninelives/base/units.hpp"
#include "ninelives/telemetry/log_line.hpp"
#include "ninelives/telemetry/memory_log_sink.hpp"

namespace nine::telemetry {
namespace {

using testing::HasSubstr;

/// Stands still at 2026-11-22T05:18:54.123Z.
class still_clock final : public environment::clock {
 public:
  monotonic_time now() const override { return {}; }
  wall_time wall_now() const override { return wall_time_from_milliseconds(1'795'324'734'123); }
  boost::asio::awaitable<void> sleep_until(monotonic_time) override { co_return; }
};

struct fixture {
  memory_log_sink sink;
  still_clock clock;

  logger make(logger::options options = {}) { return logger(sink, clock, std::move(options)); }
  boost::json::object last() { return boost::json::parse(sink.lines().back()).as_object(); }
};

TEST(logger, a_line_is_one_object_with_everything_in_its_place) {
  fixture f;
  const auto log = f.make()
                       .with({.role = "core"})
                       .with({.task = task_id(12),
                              .attempt = attempt_number(1),
                              .epoch = epoch(3),
                              .agent = "codex"});
  log.warning("agent_exited", "agent ended with exit code 3",
              {{"code", 3}, {"clean", false}, {"load", 0.5}, {"bytes", 7U}, {"note", "a\"b\n"}});
  EXPECT_EQ(f.sink.lines().back(),
            R"({"ts":"2026-11-22T05:18:54.123Z","level":"warning","event":"agent_exited",)"
            R"("message":"agent ended with exit code 3","role":"core","task":"t12","attempt":1,)"
            R"("epoch":3,"agent":"codex","code":3,"clean":false,"load":0.5,"bytes":7,)"
            R"("note":"a\"b\n"})");
}

TEST(logger, what_is_more_specific_wins_and_leaves_the_original_alone) {
  fixture f;
  const auto core = f.make().with({.role = "core", .agent = "a"});
  const auto other = core.with({.agent = "b"});
  other.info("e", "m");
  EXPECT_EQ(f.last()["role"], "core");
  EXPECT_EQ(f.last()["agent"], "b");
  core.info("e", "m");
  EXPECT_EQ(f.last()["agent"], "a");
}

TEST(logger, levels_below_the_least_are_not_written) {
  fixture f;
  const auto log = f.make({.least = level::warning});
  const auto copy = log.with({.role = "core"});
  log.info("e", "m");
  EXPECT_TRUE(f.sink.lines().empty());
  log.set_level(level::debug);
  copy.debug("e", "m");
  EXPECT_EQ(f.sink.lines().size(), 1U);
}

TEST(logger, secrets_reach_no_part_of_a_line) {
  fixture f;
  const auto log =
      f.make({.secrets = redactor({"hunter2hunter2"})}).with({.agent = "sk-0123456789abcdef"});
  log.error("e", "no hunter2hunter2 here",
            {{"url", "http://u:p@h"}, {"api_key", "abc"}, {"note", "hunter2hunter2"}});
  const auto& line = f.sink.lines().back();
  for (const auto* secret : {"hunter2", "0123456789", "u:p", "abc"}) {
    EXPECT_EQ(line.find(secret), std::string::npos) << line;
  }
}

TEST(logger, a_secret_at_the_cut_of_a_long_text_does_not_stay_in_halves) {
  fixture f;
  std::string secret;
  while (secret.size() < 100)
    secret += "hunter2!";
  const auto log = f.make({.secrets = redactor({secret})});
  // Redacting makes the text so short that the end of what is looked at would be shown.
  std::string many;
  while (many.size() < 40 * KiB)
    many += secret + ' ';
  for (std::size_t shift = 0; shift <= secret.size(); ++shift) {
    log.info("e", many.substr(shift));
    const auto& line = f.sink.lines().back();
    EXPECT_THAT(line, HasSubstr("[redacted] [redacted]"));
    // The first one was cut by the test itself.
    EXPECT_EQ(line.find("hunter2!", line.find("[redacted]")), std::string::npos) << line;
  }
}

TEST(logger, bytes_of_any_kind_give_valid_lines) {
  fixture f;
  const auto log = f.make();
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  log.info(all, all, {{all, all}});
  EXPECT_TRUE(boost::json::parse(f.sink.lines().back()).is_object());
  const auto human = f.make({.format = log_format::human});
  human.info("e",
             "\x1b[31mred\x9b"
             "\n");
  EXPECT_THAT(f.sink.lines().back(), HasSubstr("\\x1b[31mred\xEF\xBF\xBD\\x0a"));
}

TEST(logger, a_line_has_a_bound_and_says_that_it_was_cut) {
  fixture f;
  const auto log = f.make();
  const std::string huge(10 * MiB, 'x');
  const std::string controls(10 * MiB, '\x01');
  log.info("e", huge, {{"a", huge}, {"b", huge}, {"c", 1}});
  EXPECT_LE(f.sink.lines().back().size(), log_line_bytes_most);
  EXPECT_EQ(f.last()["truncated"], true);
  log.info("e", controls, {{"a", controls}});
  EXPECT_LE(f.sink.lines().back().size(), log_line_bytes_most);
  EXPECT_EQ(f.last()["event"], "e");
}

TEST(logger, lost_lines_are_counted_and_told_with_the_next_one) {
  fixture f;
  const auto log = f.make();
  f.sink.refuse_lines(true);
  log.info("e", "one");
  log.info("e", "two");
  EXPECT_EQ(log.dropped(), 2U);
  f.sink.refuse_lines(false);
  log.info("e", "three");
  EXPECT_EQ(f.last()["dropped"], 2);
  log.info("e", "four");
  EXPECT_FALSE(f.last().contains("dropped"));
}

TEST(logger, the_human_form_is_short) {
  fixture f;
  f.make({.format = log_format::human})
      .with({.task = task_id(7)})
      .info("e", "gate failed", {{"gate", "npm test"}, {"code", 1}, {"empty", ""}});
  EXPECT_EQ(f.sink.lines().back(),
            "05:18:54.123 info     gate failed  task=t7  gate=\"npm test\"  code=1  empty=\"\"");
}

TEST(logger, people_get_the_same_lines_in_their_form) {
  fixture f;
  memory_log_sink people;
  const auto log = f.make({.secrets = redactor({"hunter2hunter2"}), .people = &people});
  log.with({.role = "guard"}).warning("e", "no hunter2hunter2 here");
  people.refuse_lines(true);
  log.info("e", "m");
  ASSERT_EQ(people.lines().size(), 1U);
  EXPECT_EQ(people.lines().front(), "05:18:54.123 warning  no [redacted] here  role=guard");
  EXPECT_EQ(f.sink.lines().size(), 2U);
  EXPECT_EQ(log.dropped(), 0U);
}

TEST(logger, without_a_sink_nothing_happens) {
  const logger log;
  log.with({.role = "x"}).error("e", "m");
  EXPECT_FALSE(log.writes(level::error));
  EXPECT_EQ(log.dropped(), 0U);
}

TEST(logger, times_of_day_are_written_as_rfc3339) {
  EXPECT_EQ(to_rfc3339(wall_time{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(wall_time_from_milliseconds(951'782'400'001)), "2000-02-29T00:00:00.001Z");
  EXPECT_EQ(to_rfc3339(wall_time_from_milliseconds(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(wall_time::max()).size(), 24U);
  EXPECT_EQ(to_rfc3339(wall_time::min()).size(), 24U);
}

TEST(logger, levels_read_back_as_they_are_written) {
  for (const auto value : {level::debug, level::info, level::warning, level::error}) {
    EXPECT_EQ(parse_level(to_string(value)), value);
  }
  EXPECT_FALSE(parse_level("loud"));
}

}  // namespace
}  // namespace nine::telemetry
