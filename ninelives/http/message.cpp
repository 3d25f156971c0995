#include "ninelives/http/message.hpp"

#include <boost/beast/http/status.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "ninelives/base/assert.hpp"
#include "ninelives/base/utf8.hpp"

namespace nine::http {

const std::string& request::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  NINE_ASSERT(found != parameters.end());
  return found->second;
}

response json_response(unsigned status, std::string json) {
  response made;
  made.status = status;
  made.fields.add("Content-Type", "application/json");
  made.body = as_utf8(std::move(json));
  return made;
}

response problem(unsigned status, std::string_view code, std::string_view message) {
  boost::json::object inner;
  inner["code"] = code;
  inner["message"] = message;
  boost::json::object outer;
  outer["error"] = std::move(inner);
  return json_response(status, boost::json::serialize(outer));
}

response problem(const error& cause) {
  return problem(status_of(cause.code), to_string(cause.code), cause.message);
}

unsigned status_of(error_code code) {
  switch (code) {
    case error_code::invalid_argument:
      return 400;
    case error_code::permission_denied:
      return 403;
    case error_code::not_found:
      return 404;
    case error_code::already_exists:
    case error_code::precondition_failed:
    case error_code::fenced:
    case error_code::cancelled:
      return 409;
    case error_code::too_large:
      return 413;
    case error_code::unavailable:
    case error_code::resource_exhausted:
      return 503;
    case error_code::timed_out:
      return 504;
    case error_code::protocol_error:
      return 502;
    case error_code::corrupted:
    case error_code::io_error:
    case error_code::internal:
      break;
  }
  return 500;
}

std::string_view reason_of(unsigned status) {
  if (status == 529) return "Overloaded";  // Anthropic's own
  const auto known = boost::beast::http::int_to_status(status);
  if (known == boost::beast::http::status::unknown) return "";
  const auto text = boost::beast::http::obsolete_reason(known);
  return {text.data(), text.size()};
}

}  // namespace nine::http
