#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ninelives/base/time.hpp"
#include "ninelives/http/client.hpp"

namespace nine::model_client {

/// What a failed call means for what happens next (R5).
enum class failure_class {
  retryable,         ///< time-out, broken connection, 408, 409, 5xx, 529: the same again, later
  rate_limited,      ///< 429: the same again, not before retry_at
  credentials,       ///< 401, 403: one refresh of the key, else a person
  quota_exhausted,   ///< money or quota is used up: no retry mends it
  context_overflow,  ///< too long for this model: shorten it or take another model
  content_policy,    ///< refused for what it says
  malformed,         ///< the answer is not what the protocol says; may be retried
  invalid_request,   ///< 400, 404, 413, 422: the same will fail again
};

/// "rate_limited"
std::string_view to_string(failure_class kind);

/// Whether the same request may be sent again after a wait.
bool may_retry(failure_class kind);

struct failure {
  failure_class kind = failure_class::retryable;
  unsigned status = 0;                  ///< of HTTP; 0 when there was no answer
  std::string message;                  ///< for a person; the provider's own words may stand in it
  std::optional<wall_time> retry_at{};  ///< as the other side said, at most a day ahead
};

/// Classes an answer that is not 200, or the error in a stream of one that is. Pure.
failure classify_answer(unsigned status, const http::headers& fields, std::string_view body,
                        wall_time now);

/// Classes a call that got no whole answer. Pure.
failure classify_broken_call(const http::client_error& cause);

}  // namespace nine::model_client
