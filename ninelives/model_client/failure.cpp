#include "ninelives/model_client/failure.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "ninelives/base/json_text.hpp"
#include "ninelives/model_client/retry_time.hpp"

namespace nine::model_client {
namespace {

namespace json = boost::json;

constexpr std::size_t body_bytes_parsed_most = 256 * KiB;

/// What providers put into the body of an error, as far as it is there.
struct provider_error {
  std::string type;
  std::string code;
  std::string message;
};

/// {"error":{"type","code","message"}} (OpenAI, Anthropic), {"error":"text"}, {"message":"text"}.
provider_error read_error(std::string_view body) {
  boost::system::error_code problem;
  const auto parsed = json::parse(body.substr(0, body_bytes_parsed_most), problem);
  if (problem || !parsed.is_object()) return {};
  const auto& outer = parsed.get_object();
  const auto* inner = outer.if_contains("error");
  if (inner == nullptr) return {"", "", text_in(outer, "message")};
  if (inner->is_string()) return {"", "", std::string(inner->get_string())};
  if (!inner->is_object()) return {};
  const auto& fields = inner->get_object();
  provider_error read{text_in(fields, "type"), text_in(fields, "code"), text_in(fields, "message")};
  const auto* details = fields.if_contains("details");
  if (details != nullptr && details->is_object()) {
    const auto detail = text_in(details->get_object(), "error_code");
    if (!detail.empty()) read.code = detail;
  }
  return read;
}

template <std::size_t size>
bool is_one_of(std::string_view text, const std::array<std::string_view, size>& known) {
  return std::ranges::find(known, text) != known.end();
}

bool says_quota(const provider_error& said) {
  constexpr std::array<std::string_view, 8> codes = {
      "insufficient_quota",
      "credit_balance_exhausted",
      "organization_spend_limit_exceeded",
      "project_spend_limit_exceeded",
      "organization_usage_limit_exceeded",
      "enforced_spend_limit_reached",
      "billing_hard_limit_reached",
      "billing_error",
  };
  return is_one_of(said.code, codes) || is_one_of(said.type, codes) ||
         said.message.contains("credit balance is too low");
}

bool says_context_overflow(const provider_error& said) {
  if (said.code == "string_above_max_length") return false;
  return said.code == "context_length_exceeded" ||
         said.message.contains("maximum context length") ||
         said.message.contains("prompt is too long") ||
         said.message.contains("exceeds the available context size");
}

bool says_content_policy(const provider_error& said) {
  return said.code == "content_policy_violation" || said.code == "content_filter" ||
         said.code == "ResponsibleAIPolicyViolation" ||
         said.message.contains("rejected as a result of our safety system");
}

bool says_rate_limit(const provider_error& said) {
  return said.type == "rate_limit_error" || said.code == "rate_limit_exceeded";
}

/// For an error that came in a body whose status does not tell: inside a stream that began with
/// 200.
failure_class class_by_words(const provider_error& said) {
  if (says_rate_limit(said)) return failure_class::rate_limited;
  if (said.type == "authentication_error" || said.code == "invalid_api_key") {
    return failure_class::credentials;
  }
  if (said.type == "invalid_request_error") return failure_class::invalid_request;
  return failure_class::retryable;
}

failure_class class_by_status(unsigned status, const provider_error& said) {
  if (status < 400) return class_by_words(said);
  if (status == 429) return failure_class::rate_limited;
  if (status == 401 || status == 403) return failure_class::credentials;
  if (status == 402) return failure_class::quota_exhausted;
  if (status == 408 || status == 409 || status >= 500) return failure_class::retryable;
  return failure_class::invalid_request;
}

failure_class class_of(unsigned status, const provider_error& said) {
  if (says_quota(said)) return failure_class::quota_exhausted;
  // Only where the request itself is blamed: other errors may quote a prompt that holds the words.
  const bool blames_request = status < 400 || status == 400 || status == 413 || status == 422;
  if (blames_request && says_context_overflow(said)) return failure_class::context_overflow;
  if ((blames_request || status == 403) && says_content_policy(said)) {
    return failure_class::content_policy;
  }
  return class_by_status(status, said);
}

}  // namespace

std::string_view to_string(failure_class kind) {
  constexpr std::array<std::string_view, 8> names = {
      "retryable",        "rate_limited",   "credentials", "quota_exhausted",
      "context_overflow", "content_policy", "malformed",   "invalid_request",
  };
  return names[static_cast<std::size_t>(kind)];
}

bool may_retry(failure_class kind) {
  return kind == failure_class::retryable || kind == failure_class::rate_limited ||
         kind == failure_class::malformed;
}

failure classify_answer(unsigned status, const http::headers& fields, std::string_view body,
                        wall_time now) {
  const auto said = read_error(body);
  failure made;
  made.status = status;
  made.kind = class_of(status, said);
  made.message = "the model answered " + std::to_string(status);
  if (!said.message.empty()) made.message += ": " + said.message;
  const bool limited = made.kind == failure_class::rate_limited;
  if (limited || made.kind == failure_class::retryable) made.retry_at = retry_after(fields, now);
  if (limited && !made.retry_at) made.retry_at = limit_reset(fields, now);
  return made;
}

failure classify_broken_call(const http::client_error& cause) {
  failure made;
  made.message = "the model's endpoint: " + cause.message;
  if (cause.kind == http::client_failure::protocol) made.kind = failure_class::malformed;
  if (cause.kind == http::client_failure::too_large) made.kind = failure_class::malformed;
  return made;
}

}  // namespace nine::model_client
