#pragma once

#include <optional>
#include <string_view>

#include "ninelives/base/time.hpp"
#include "ninelives/http/headers.hpp"

namespace nine::model_client {

/// When to come back, as the other side asks: retry-after-ms, or else Retry-After (seconds or a
/// date). Never before now, never more than a day ahead. Pure.
std::optional<wall_time> retry_after(const http::headers& fields, wall_time now);

/// When the last of the limits resets that OpenAI's or Anthropic's headers call used up. Only for
/// an answer that says that a limit was hit: these headers come with every answer. Bounds as above.
std::optional<wall_time> limit_reset(const http::headers& fields, wall_time now);

/// "6s", "1m30s", "250ms", "1h2m3.5s": how OpenAI writes a span.
std::optional<duration> parse_span(std::string_view text);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7; the two obsolete forms are not read).
std::optional<wall_time> parse_http_date(std::string_view text);

/// "2026-11-22T06:00:00Z", also with fractions and offsets (RFC 3339).
std::optional<wall_time> parse_timestamp(std::string_view text);

}  // namespace nine::model_client
