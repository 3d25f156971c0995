#include "ninelives/demo/demo_configuration.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace nine::demo {
namespace {

/// The demo kills one agent oftener within a minute than any honest crash loop: its home is told to
/// bear that. Its agent works in two steps, so that a kill finds something done: it reads the diff
/// down to what matters, and asks the model for the message.
constexpr std::string_view configuration = R"yaml(
limits: {{concurrent_agents: 6}}
supervision:
  restart_intensity: 1000
  restart_delay: {{initial: 50ms, max: 500ms}}
  crash_loop: {{crashes: 10, window: 1s, cool_down: 0s}}
agents:
  describer:
    command: words=$("$NINE" demo-reader) && printf '%s\n' "$words" | exec "$NINE" model-agent
    prompt: stdin
    environment:
      set:
        NINE: {program}
        NINE_MODEL_BASE_URL: {model}
        NINE_MODEL_API_KEY: sk-simulated
        NINE_MODEL: simulated
tasks:
  commit-message:
    prompt: |
      Write the git commit message for the diff below.

      {{input}}
    ladder: [describer, heuristic-commit-message]
    validate: [non_empty, {{first_line_max: 72}}, {{not_copy_of_input: 0.85}}]
)yaml";

/// A model on a bad day: a fifth of the calls fails, in ways that are mended by a retry or by the
/// next attempt.
constexpr std::string_view script = R"json({
  "answer": "commit_message",
  "probabilities": {"rate_limited": 0.05, "unavailable": 0.05, "server_error": 0.03, "cut_stream": 0.03,
                    "malformed_json": 0.03, "empty_content": 0.02, "overlong_content": 0.02, "hang": 0.01},
  "retry_after_ms": 300, "first_token_ms": 600, "between_pieces_ms": 20, "hang_ms": 3000
})json";

/// As a word of YAML.
std::string yaml_word(const std::string& text) {
  return boost::json::serialize(boost::json::string(text));
}

}  // namespace

std::string home_configuration(const std::string& program, const std::string& model_url) {
  return fmt::format(configuration, fmt::arg("program", yaml_word(program)),
                     fmt::arg("model", yaml_word(model_url)));
}

std::string_view model_script() {
  return script;
}

}  // namespace nine::demo
