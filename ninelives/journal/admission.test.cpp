#include "ninelives/journal/admission.hpp"

#include <gtest/gtest.h>

namespace nine::journal {
namespace {

struct admission_case {
  const char* what;
  int writer;
  int raise_to;
  bool key_seen;
  std::optional<error_code> refused;
};

TEST(admission, decides_by_writer_raise_and_key) {
  const task_head head{.current = epoch(3), .last = sequence(7)};
  const admission_case cases[] = {
      {"the core writes", 0, 0, false, std::nullopt},
      {"the current incarnation writes", 3, 0, false, std::nullopt},
      {"an older incarnation is refused", 2, 0, false, error_code::fenced},
      {"an incarnation that was never raised is refused", 4, 0, false, error_code::fenced},
      {"a raise must raise", 0, 3, false, error_code::precondition_failed},
      {"a raise may skip", 0, 9, false, std::nullopt},
      {"a key counts once", 0, 0, true, error_code::already_exists},
      {"fencing comes first", 2, 0, true, error_code::fenced},
  };
  for (const admission_case& one : cases) {
    record entry{.task = task_id(1), .writer = epoch(one.writer), .kind = "k", .unique_key = "u"};
    if (one.raise_to != 0) entry.raise_to = epoch(one.raise_to);
    const auto admitted = admit(entry, head, one.key_seen);
    EXPECT_EQ(admitted.has_value(), !one.refused) << one.what;
    if (!admitted && one.refused) {
      EXPECT_EQ(admitted.error().code, *one.refused) << one.what;
    }
  }
}

TEST(admission, moves_the_head_with_each_fact) {
  const wall_time noon = wall_time_from_milliseconds(1'000);
  task_head head = advance({}, {.raise_to = epoch(1), .kind = "attempt_started"}, sequence(1));
  EXPECT_EQ(head, (task_head{.current = epoch(1), .last = sequence(1)}));
  head = advance(head, {.kind = std::string(kind_task_ended), .at = noon}, sequence(2));
  head = advance(head, {.kind = "late_word", .at = noon + 1s}, sequence(3));
  EXPECT_EQ(head,
            (task_head{.current = epoch(1), .last = sequence(3), .ended = true, .ended_at = noon}));
}

}  // namespace
}  // namespace nine::journal
