#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ninelives/base/result.hpp"
#include "ninelives/base/units.hpp"

/// The wire format of OpenAI's chat completions, as far as a simulated model needs it
/// (platform.openai.com/docs/api-reference/chat).
namespace nine::model_simulator {

/// What a client asked.
struct question {
  std::string model;
  std::string prompt;  ///< the text of all messages, one after the other
  std::size_t messages = 0;
  bool stream = false;
  bool include_usage = false;  ///< stream_options.include_usage
  std::uint64_t hash = 0;      ///< of everything that was asked, order of keys included
};

/// Error: invalid_argument with what is wrong.
result<question> parse_question(std::string_view body);

/// An answer before it takes its form.
struct answer {
  std::string id;
  std::string model;
  std::string content;
  std::int64_t created_s = 0;
  tokens prompt_tokens = 0;
  tokens completion_tokens = 0;
};

/// About four bytes to a token, as models of this kind have it for English and code.
tokens estimate_tokens(std::string_view text);

/// The body of an answer that is not streamed.
std::string format_completion(const answer& given);

/// The body of each event of a streamed answer, the terminator "[DONE]" included.
std::vector<std::string> format_chunks(const answer& given, bool include_usage);

/// {"error":{"message":…,"type":…,"code":…}}
std::string format_error(std::string_view message, std::string_view type, std::string_view code);

}  // namespace nine::model_simulator
