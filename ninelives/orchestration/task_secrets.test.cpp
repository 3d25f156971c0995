#include "ninelives/orchestration/task_secrets.hpp"

#include <gtest/gtest.h>

namespace nine::orchestration {
namespace {

// proves: X3
TEST(task_secrets, are_the_values_whose_names_say_so_and_the_keys_of_models) {
  execution::task_specification task;
  task.plan.models["mine"].api_key_variable = "MODEL_ACCESS";
  const variables caller{{"OPENAI_API_KEY", "value-1-value"},
                         {"GITHUB_TOKEN", "value-2-value"},
                         {"DEPLOY_KEY", "value-3-value"},
                         {"MODEL_ACCESS", "value-4-value"},
                         {"DB_PASSWORD", "value-5-value"},
                         {"PATH", "/usr/local/bin"},
                         {"SHORT_TOKEN", "abc"}};
  const auto secrets = secrets_of(caller, task);
  for (const auto& [name, value] : caller) {
    const bool shown = name == "PATH" || name == "SHORT_TOKEN";
    EXPECT_EQ(secrets.redact_values("a " + value + "."),
              shown ? "a " + value + "." : "a [redacted].")
        << name;
  }
}

}  // namespace
}  // namespace nine::orchestration
