#include <boost/json.hpp>

#include "ninelives/base/json_text.hpp"
#include "ninelives/model_client/model_client.hpp"

namespace nine::model_client {
namespace {

namespace json = boost::json;

constexpr std::size_t content_bytes_most = 32 * MiB;

std::unexpected<failure> malformed(std::string what) {
  return std::unexpected(
      failure{failure_class::malformed, 200, "the model's answer " + std::move(what)});
}

const json::object* object_in(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  return found != nullptr ? found->if_object() : nullptr;
}

tokens count_in(const json::object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  if (found == nullptr || !found->is_number()) return 0;
  boost::system::error_code problem;
  const auto count = found->to_number<tokens>(problem);
  return problem || count < 0 ? 0 : count;
}

/// Some endpoints put `"error": null` into answers that are good.
bool holds_error(const json::object& from) {
  const auto* found = from.if_contains("error");
  return found != nullptr && !found->is_null();
}

/// The first choice; null when there is none.
const json::object* first_choice(const json::object& from) {
  const auto* choices = from.if_contains("choices");
  const auto* list = choices != nullptr ? choices->if_array() : nullptr;
  return list != nullptr && !list->empty() ? list->front().if_object() : nullptr;
}

bool read_usage(const json::object& from, chat_usage& into) {
  const auto* usage = object_in(from, "usage");
  if (usage == nullptr) return false;
  into.prompt = count_in(*usage, "prompt_tokens");
  into.completion = count_in(*usage, "completion_tokens");
  const auto* details = object_in(*usage, "prompt_tokens_details");
  if (details != nullptr) into.cached_prompt = count_in(*details, "cached_tokens");
  return true;
}

tokens estimate(std::size_t size) {
  return static_cast<tokens>((size + 3) / 4);
}

/// Unknown usage is estimated and says so: what is not counted is never charged to a budget.
void estimate_usage(const chat_request& asked, chat_result& into) {
  std::size_t prompt_bytes = 0;
  for (const auto& one : asked.messages)
    prompt_bytes += one.content.size();
  into.usage = {estimate(prompt_bytes), 0, estimate(into.content.size()), true};
}

model_result<chat_result> judge(chat_result whole) {
  if (whole.finish_reason == "content_filter") {
    return std::unexpected(failure{failure_class::content_policy, 200,
                                   "the model's provider withheld the answer for its content"});
  }
  return whole;
}

void read_origin(const json::object& from, chat_result& into) {
  if (into.response_id.empty()) into.response_id = text_in(from, "id");
  if (into.model.empty()) into.model = text_in(from, "model");
}

}  // namespace

std::string format_chat_request(const chat_request& asked) {
  json::array messages;
  for (const auto& one : asked.messages) {
    json::object made{{"role", one.role}, {"content", one.content}};
    messages.push_back(std::move(made));
  }
  json::object body;
  body["model"] = asked.model;
  body["messages"] = std::move(messages);
  if (asked.temperature) body["temperature"] = *asked.temperature;
  if (asked.completion_tokens_most)
    body[asked.completion_limit_field] = *asked.completion_tokens_most;
  if (asked.stream) {
    body["stream"] = true;
    body["stream_options"] = json::object{{"include_usage", true}};
  }
  return json::serialize(body);
}

model_result<chat_result> parse_completion(std::string_view body, const chat_request& asked) {
  boost::system::error_code problem;
  const auto parsed = json::parse(body, problem);
  if (problem || !parsed.is_object()) return malformed("is no JSON object");
  const auto& fields = parsed.get_object();
  if (holds_error(fields)) return std::unexpected(classify_answer(200, {}, body, {}));
  const auto* choice = first_choice(fields);
  if (choice == nullptr) return malformed("holds no choice");
  const auto* said = object_in(*choice, "message");
  if (said == nullptr) return malformed("holds no message");
  chat_result whole;
  read_origin(fields, whole);
  whole.content = text_in(*said, "content");
  whole.finish_reason = text_in(*choice, "finish_reason");
  if (!read_usage(fields, whole.usage)) estimate_usage(asked, whole);
  return judge(std::move(whole));
}

model_result<void> completion_stream::take(std::string_view data, wall_time now) {
  if (done_) return {};
  if (data == "[DONE]") {
    done_ = true;
    return {};
  }
  boost::system::error_code problem;
  const auto parsed = json::parse(data, problem);
  if (problem || !parsed.is_object()) return malformed("holds an event that is no JSON object");
  const auto& fields = parsed.get_object();
  if (holds_error(fields)) return std::unexpected(classify_answer(200, {}, data, now));
  read_origin(fields, result_);
  saw_usage_ = read_usage(fields, result_.usage) || saw_usage_;
  const auto* choice = first_choice(fields);
  if (choice == nullptr) return {};
  const auto reason = text_in(*choice, "finish_reason");
  if (!reason.empty()) result_.finish_reason = reason;
  const auto* delta = object_in(*choice, "delta");
  if (delta != nullptr) result_.content += text_in(*delta, "content");
  if (result_.content.size() > content_bytes_most) return malformed("has no end");
  return {};
}

model_result<chat_result> completion_stream::finish(const chat_request& asked) && {
  if (!done_) {
    return std::unexpected(
        failure{failure_class::retryable, 200, "the model's stream ended without its terminator"});
  }
  if (result_.finish_reason.empty()) return malformed("does not say why it ended");
  if (!saw_usage_) estimate_usage(asked, result_);
  return judge(std::move(result_));
}

}  // namespace nine::model_client
