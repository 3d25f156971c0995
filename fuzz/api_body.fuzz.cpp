// Whatever a client or an agent sends to the APIs: a task or a step, or refused with a reason. And
// no token is believed but one that was made.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ninelives/base/assert.hpp"
#include "ninelives/configuration/plan.hpp"
#include "ninelives/control/agent_token.hpp"
#include "ninelives/control/built_in_configuration.hpp"
#include "ninelives/control/json_body.hpp"
#include "ninelives/control/submission_reader.hpp"
#include "ninelives/environment/real/real_files.hpp"
#include "ninelives/execution/effect.hpp"

namespace {

using namespace nine;

/// The fields of both calls of the agent API.
void read_step(std::string_view text) {
  auto body = control::json_body::parse(text);
  if (!body) {
    NINE_ASSERT(!body.error().message.empty());
    return;
  }
  (void)body->required_text("key");
  (void)body->text("input_digest");
  (void)body->flag("succeeded", true);
  const auto tokens = body->number("input_tokens", 0, 0, 1'000'000'000);
  NINE_ASSERT(tokens >= 0 && tokens <= 1'000'000'000);
  (void)execution::parse_effect(body->text("effect"));
  const auto finished = body->finish();
  NINE_ASSERT(finished || finished.error().code == error_code::invalid_argument);
}

/// A plan goes into the journal as JSON and is read from there ever after.
void read_task(std::string_view text) {
  static environment::real_files files;
  static const control::submission_reader reader(files, control::built_in_configuration("/share"),
                                                 "/nonexistent/nine.yaml");
  const auto given = reader.read(text);
  if (!given) {
    NINE_ASSERT(!given.error().message.empty());
    return;
  }
  const auto& plan = given->specification.plan;
  NINE_ASSERT(configuration::task_plan_from_json(to_json(plan)) == plan);
}

void check_token(std::string_view text) {
  static const control::agent_tokens tokens("a key of the home");
  const auto who = tokens.check(text);
  NINE_ASSERT(!who || tokens.make(*who) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  read_step(input);
  read_task(input);
  check_token(input);
  return 0;
}
