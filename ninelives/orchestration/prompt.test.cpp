#include "ninelives/orchestration/prompt.hpp"

#include <gtest/gtest.h>

namespace nine::orchestration {
namespace {

TEST(prompt, is_the_text_when_there_is_no_template) {
  EXPECT_EQ(compose_prompt("", {.text = "do it", .input = "", .feedback = ""}), "do it");
}

TEST(prompt, fills_every_placeholder) {
  EXPECT_EQ(compose_prompt("A {text} B {input} C {feedback}.",
                           {.text = "t", .input = "i", .feedback = "f"}),
            "A t B i C f.");
}

TEST(prompt, does_not_fill_what_was_filled_in) {
  EXPECT_EQ(compose_prompt("{input}{feedback}",
                           {.text = "t", .input = "{text}{feedback}", .feedback = "f"}),
            "{text}{feedback}f");
}

TEST(prompt, adds_what_the_template_does_not_name) {
  const auto prompt =
      compose_prompt("Write.", {.text = "", .input = "the diff", .feedback = "too long"});
  EXPECT_TRUE(prompt.starts_with("Write.\n\nthe diff\n\n")) << prompt;
  EXPECT_TRUE(prompt.ends_with("\ntoo long")) << prompt;
}

}  // namespace
}  // namespace nine::orchestration
