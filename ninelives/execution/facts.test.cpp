#include "ninelives/execution/facts.hpp"

#include <gtest/gtest.h>

#include "ninelives/journal/journal_limits.hpp"

namespace nine::execution {
namespace {

journal::fact stored(const event& value) {
  const auto record = to_record(task_id(1), value);
  return {sequence(1), task_id(1), {}, {}, record.kind, record.body};
}

TEST(facts, every_kind_reads_back_as_it_was_written) {
  task_specification specification;
  specification.text = "write \"it\"\n";
  specification.plan.timeout = 90s;
  specification.plan.ladder.push_back({.name = "one", .command = {.words = {"true"}}});
  specification.input = content{"", "sha256-00"};
  const event events[] = {
      task_accepted{specification},
      input_captured{content{"diff", ""}},
      rung_skipped{1, "model", "model", "none is configured"},
      attempt_started{attempt_number(2), 1, "heuristic", "too long"},
      incarnation_started{"t1.a1", epoch(4)},
      incarnation_running{"t1.a1", epoch(4), {12, 345, "boot"}},
      incarnation_ended{"t1.a1", epoch(4), environment::exit_status::signalled(9), true, true, true,
                        "why"},
      incarnation_ended{"t1.a1", epoch(4), environment::exit_status{}, false, false, false,
                        "no program", true},
      step_intended{attempt_number(2), "k", effect::once, "sha256-11"},
      step_finished{attempt_number(2), "k", true, content{"r", ""}, 3, 4},
      step_replayed{attempt_number(2), "k"},
      step_uncertain{attempt_number(2), "k"},
      attempt_ended{attempt_number(2), attempt_outcome::timed_out, "slow", content{}},
      check_ended{attempt_number(2), 1, "npm test", false, "exit code 1"},
      work_postponed{"no space left"},
      cancel_requested{"by the user"},
      task_ended{task_status::degraded, content{"r", ""}, {"model"}, "no model"},
  };
  for (const auto& value : events) {
    const auto read = from_fact(stored(value));
    ASSERT_TRUE(read) << kind_of(value) << ": " << read.error().message;
    EXPECT_EQ(*read, value) << kind_of(value);
  }
}

// proves: X4
TEST(facts, bytes_that_are_no_utf8_leave_a_fact_that_reads_back) {
  const auto read =
      from_fact(stored(check_ended{attempt_number(1), 0, "g", false, "caf\xE9 \xFF"}));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(std::get<check_ended>(*read).evidence, "caf\xEF\xBF\xBD \xEF\xBF\xBD");
}

// proves: X4
TEST(facts, texts_of_any_length_fit_and_say_how_much_is_missing) {
  const std::string bells(5 * MiB, '\x07');  // JSON spells each byte with six
  const event events[] = {
      rung_skipped{1, "model", bells, bells},
      attempt_started{attempt_number(1), 0, "agent", bells},
      incarnation_ended{"t1.a1", epoch(1), environment::exit_status{}, false, false, false, bells},
      attempt_ended{attempt_number(1), attempt_outcome::failed, bells,
                    content{std::string(content::inline_bytes_most, '\x07'), ""}},
      check_ended{attempt_number(1), 0, bells, false, bells},
      work_postponed{bells},
      cancel_requested{bells},
      task_ended{task_status::failed, content{}, {}, bells},
  };
  for (const auto& value : events) {
    const auto kept = storable(value);
    EXPECT_LE(to_record(task_id(1), kept).body.size(), journal::journal_limits().body_bytes)
        << kind_of(value);
    EXPECT_EQ(*from_fact(stored(kept)), kept) << kind_of(value);
    EXPECT_EQ(storable(kept), kept) << kind_of(value);
  }
  const auto kept = std::get<cancel_requested>(storable(cancel_requested{bells}));
  const auto& reason = kept.reason;
  EXPECT_TRUE(reason.ends_with("bytes left out)")) << reason.substr(reason.size() - 100);
  EXPECT_EQ(storable(cancel_requested{"short"}), event(cancel_requested{"short"}));
}

TEST(facts, an_incarnation_raises_the_epoch_and_nothing_else_does) {
  EXPECT_EQ(to_record(task_id(1), incarnation_started{"t1.a1", epoch(4)}).raise_to, epoch(4));
  EXPECT_EQ(to_record(task_id(1), cancel_requested{""}).raise_to, std::nullopt);
}

TEST(facts, a_field_that_is_absent_keeps_its_default) {
  const auto read =
      from_fact({sequence(1), task_id(1), {}, {}, "incarnation_ended", R"({"child":"t1.a1"})"});
  ASSERT_TRUE(read);
  EXPECT_FALSE(std::get<incarnation_ended>(*read).interrupted);
}

TEST(facts, damaged_ones_are_errors_and_never_crash) {
  const std::pair<std::string, std::string> table[] = {
      {"no_such_kind", "{}"},
      {"attempt_ended", "{"},
      {"attempt_ended", "[]"},
      {"attempt_ended", R"({"outcome":"splendid"})"},
      {"attempt_ended", R"({"attempt":"one"})"},
      {"attempt_ended", R"({"attempt":1e99})"},
      {"step_intended", R"({"effect":"twice"})"},
      {"task_ended", R"({"missing":"model"})"},
      {"task_accepted", R"({"specification":7})"},
      {"task_accepted", "{}"},
  };
  for (const auto& [kind, body] : table) {
    const auto read = from_fact({sequence(1), task_id(1), {}, {}, kind, body});
    ASSERT_FALSE(read) << kind << " " << body;
    EXPECT_EQ(read.error().code, error_code::corrupted);
  }
}

}  // namespace
}  // namespace nine::execution
