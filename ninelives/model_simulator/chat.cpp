#include "ninelives/model_simulator/chat.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "ninelives/base/stable_hash.hpp"

namespace nine::model_simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t piece_bytes = 24;

bool flag(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

void append_text(std::string& prompt, const json::value& content) {
  if (const auto* text = content.if_string()) {
    prompt.append(text->data(), text->size());
  } else if (const auto* parts = content.if_array()) {
    for (const auto& part : *parts) {
      const auto* fields = part.if_object();
      const auto* text_part = fields ? fields->if_contains("text") : nullptr;
      if (text_part != nullptr && text_part->is_string()) append_text(prompt, *text_part);
    }
  }
  prompt += '\n';
}

std::unexpected<error> wrong(std::string text) {
  return fail(error_code::invalid_argument, std::move(text));
}

json::object usage_of(const answer& given) {
  return {{"prompt_tokens", given.prompt_tokens},
          {"completion_tokens", given.completion_tokens},
          {"total_tokens", given.prompt_tokens + given.completion_tokens}};
}

json::object frame_of(const answer& given, std::string_view kind) {
  return {{"id", given.id}, {"object", kind}, {"created", given.created_s}, {"model", given.model}};
}

std::string chunk_of(const answer& given, json::object delta, json::value finish_reason) {
  auto chunk = frame_of(given, "chat.completion.chunk");
  json::object choice;
  choice["index"] = 0;
  choice["delta"] = std::move(delta);
  choice["finish_reason"] = std::move(finish_reason);
  json::array choices;
  choices.push_back(std::move(choice));
  chunk["choices"] = std::move(choices);
  return json::serialize(chunk);
}

/// The length of the next piece; it ends where a character ends.
std::size_t piece_length(std::string_view rest) {
  std::size_t length = std::min(piece_bytes, rest.size());
  while (length < rest.size() && (static_cast<unsigned char>(rest[length]) & 0xC0) == 0x80) {
    ++length;
  }
  return length;
}

}  // namespace

result<question> parse_question(std::string_view body) {
  boost::system::error_code problem;
  const auto parsed = json::parse(body, problem);
  if (problem) return wrong("the body is not JSON: " + problem.message());
  const auto* fields = parsed.if_object();
  if (fields == nullptr) return wrong("the body is not a JSON object");
  const auto* model = fields->if_contains("model");
  if (model == nullptr || !model->is_string()) return wrong("'model' is missing");
  const auto* messages = fields->if_contains("messages");
  if (messages == nullptr || !messages->is_array() || messages->get_array().empty()) {
    return wrong("'messages' is missing or empty");
  }
  question asked;
  asked.model = model->get_string();
  asked.messages = messages->get_array().size();
  for (const auto& message : messages->get_array()) {
    const auto* parts = message.if_object();
    if (parts == nullptr) return wrong("a message is not an object");
    if (const auto* content = parts->if_contains("content")) append_text(asked.prompt, *content);
  }
  asked.stream = flag(*fields, "stream");
  const auto* options = fields->if_contains("stream_options");
  asked.include_usage =
      options != nullptr && options->is_object() && flag(options->get_object(), "include_usage");
  asked.hash = stable_hash_of(body);
  return asked;
}

tokens estimate_tokens(std::string_view text) {
  return static_cast<tokens>((text.size() + 3) / 4);
}

std::string format_completion(const answer& given) {
  auto whole = frame_of(given, "chat.completion");
  json::object message{{"role", "assistant"}, {"content", given.content}};
  json::object choice{{"index", 0}, {"finish_reason", "stop"}};
  choice["message"] = std::move(message);
  json::array choices;
  choices.push_back(std::move(choice));
  whole["choices"] = std::move(choices);
  whole["usage"] = usage_of(given);
  return json::serialize(whole);
}

std::vector<std::string> format_chunks(const answer& given, bool include_usage) {
  std::vector<std::string> chunks;
  chunks.push_back(chunk_of(given, {{"role", "assistant"}, {"content", ""}}, nullptr));
  std::string_view rest = given.content;
  while (!rest.empty()) {
    const auto length = piece_length(rest);
    chunks.push_back(chunk_of(given, {{"content", rest.substr(0, length)}}, nullptr));
    rest.remove_prefix(length);
  }
  chunks.push_back(chunk_of(given, {}, "stop"));
  if (include_usage) {
    auto last = frame_of(given, "chat.completion.chunk");
    last["choices"] = json::array();
    last["usage"] = usage_of(given);
    chunks.push_back(json::serialize(last));
  }
  chunks.emplace_back("[DONE]");
  return chunks;
}

std::string format_error(std::string_view message, std::string_view type, std::string_view code) {
  json::object inner{{"message", message}, {"type", type}, {"code", code}};
  json::object outer;
  outer["error"] = std::move(inner);
  return json::serialize(outer);
}

}  // namespace nine::model_simulator
