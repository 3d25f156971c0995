#include "ninelives/orchestration/prompt.hpp"

#include <array>

namespace nine::orchestration {
namespace {

constexpr std::string_view feedback_heading =
    "Your previous attempt was not accepted. What was wrong with it, to be mended now:\n";

struct placeholder {
  std::string_view name;
  std::string_view value;
};

void add_paragraph(std::string& prompt, std::string_view heading, std::string_view text) {
  if (text.empty()) return;
  if (!prompt.empty()) prompt += "\n\n";
  prompt += heading;
  prompt += text;
}

}  // namespace

std::string compose_prompt(std::string_view prompt_template, const prompt_parts& parts) {
  if (prompt_template.empty()) prompt_template = "{text}";
  const std::array<placeholder, 3> placeholders{
      {{"{text}", parts.text}, {"{input}", parts.input}, {"{feedback}", parts.feedback}}};
  std::string prompt;
  for (std::size_t at = 0; at < prompt_template.size();) {
    const auto rest = prompt_template.substr(at);
    const placeholder* found = nullptr;
    for (const auto& candidate : placeholders) {
      if (rest.starts_with(candidate.name)) found = &candidate;
    }
    prompt += found ? found->value : rest.substr(0, 1);
    at += found ? found->name.size() : 1;
  }
  const auto names = [&](std::string_view name) {
    return prompt_template.find(name) != std::string_view::npos;
  };
  if (!names("{input}")) add_paragraph(prompt, "", parts.input);
  if (!names("{feedback}")) add_paragraph(prompt, feedback_heading, parts.feedback);
  return prompt;
}

}  // namespace nine::orchestration
