#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/time.hpp"
#include "ninelives/journal/fact.hpp"

namespace nine::demo {

/// Reads a whole journal as an outsider and says what should never be in one: a task without
/// exactly one result, a step done twice, an epoch that does not rise, facts out of order. Empty:
/// all is well. Pure.
std::vector<std::string> audit(const std::vector<journal::fact>& facts);

/// The step in which the demo's agent reads its diff; all others ask the model.
constexpr std::string_view reading_step = "read";

/// A question that the simulated model was asked, from its log.
struct question {
  std::string about;  ///< the task and the attempt, in the words of question_opening()
  wall_time at{};
};

/// With this the agent of the demo begins what it asks the model, so that its questions can be told
/// apart.
std::string question_opening(std::string_view task, std::string_view attempt);

/// The questions in the log of the simulated model, a JSON object a line.
std::vector<question> read_questions(std::string_view log);

/// Says which question was asked again although its answer stood in the journal. Pure.
std::vector<std::string> audit_questions(const std::vector<journal::fact>& facts,
                                         const std::vector<question>& questions);

}  // namespace nine::demo
