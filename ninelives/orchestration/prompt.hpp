#pragma once

#include <string>
#include <string_view>

namespace nine::orchestration {

struct prompt_parts {
  std::string_view text;      ///< what the user asked for
  std::string_view input;     ///< what it is about, such as a diff
  std::string_view feedback;  ///< what was wrong with the attempt before
};

/// Fills {text}, {input} and {feedback} into the template, once and without looking into what was
/// filled in. An empty template is "{text}". Parts that the template does not name are added below
/// it.
std::string compose_prompt(std::string_view prompt_template, const prompt_parts& parts);

}  // namespace nine::orchestration
