#include "ninelives/control/built_in_configuration.hpp"

#include <string_view>

namespace nine::control {

std::string built_in_configuration(const std::filesystem::path& agents) {
  constexpr std::string_view text = R"yaml(
agents:
  model:
    kind: model
    model: default
    needs: [model]
  heuristic-commit-message:
    command: ["@AGENTS@/heuristic-commit-message"]
    prompt: stdin
    degrades: [model]
models:
  default: {}
tasks:
  commit-message:
    input:
      command: |
        git rev-parse --git-dir >/dev/null || exit 1
        # One form of diff, whatever this person's settings make of it.
        show() {
          git -c core.quotePath=false diff --no-color --no-ext-diff --no-textconv --no-relative \
            --submodule=short --src-prefix=a/ --dst-prefix=b/ "$@"
        }
        if [ -n "$(git ls-files --unmerged)" ]; then show HEAD; exit; fi
        if ! show --cached --quiet; then show --cached; exit; fi
        if show --quiet; then
          echo "there is nothing to describe: nothing is staged and no tracked file has changed" >&2
          exit 1
        fi
        show
    prompt: |
      Write the git commit message for the diff below. The first line says what the change does, in the
      imperative, in at most 72 characters; then, if there is more to say, an empty line and a short body that
      says why. Answer with the message alone: no quotes, no code fences, no comments about it.

      {input}
    ladder: [model, heuristic-commit-message]
    validate:
      - non_empty
      - first_line_max: 72
      - not_copy_of_input: 0.85
defaults:
  agent: model
)yaml";
  std::string filled(text);
  constexpr std::string_view placeholder = "@AGENTS@";
  filled.replace(filled.find(placeholder), placeholder.size(), agents.string());
  return filled;
}

}  // namespace nine::control
