#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace nine {

/// What kind of thing went wrong; callers decide on it, people read `error::message`.
enum class error_code {
  invalid_argument,     ///< the caller's input is wrong; the same call will fail again
  not_found,            ///< what was named does not exist
  already_exists,       ///< what was to be made is there already
  precondition_failed,  ///< the state does not allow it now (compare-and-swap lost, already ended)
  fenced,               ///< an older epoch or incarnation spoke; it must stop
  unavailable,          ///< the other side is down or unreachable; may be retried
  timed_out,            ///< no answer within the bound
  cancelled,            ///< somebody asked for the end
  resource_exhausted,   ///< disk, memory, descriptors, processes or a configured limit
  too_large,            ///< over a size bound; final, never retried
  corrupted,            ///< stored or received bytes are not what was written
  protocol_error,       ///< the other side broke the protocol
  permission_denied,    ///< the operating system or a token refused
  io_error,             ///< the operating system failed in another way
  internal,             ///< our own defect
};

/// The name as it stands in JSON and logs, such as "not_found".
std::string_view to_string(error_code code) noexcept;

/// A failure as a value. `message` says what failed and why in one line for a person; context is
/// put in front on the way up ("open journal: disk full").
///
/// Why not std::error_code: it carries no text of the case at hand (which file, which line), and
/// the user needs exactly that.
struct [[nodiscard]] error {
  error_code code = error_code::internal;
  std::string message;

  bool operator==(const error&) const = default;
};

/// Either a value or an error; the only way errors travel (exceptions are for what nobody can
/// handle).
template <class T>
using result = std::expected<T, error>;

/// `return fail(error_code::not_found, "no task t7")`
inline std::unexpected<error> fail(error_code code, std::string message) {
  return std::unexpected(error{code, std::move(message)});
}

/// Puts where it happened in front of what happened.
inline std::unexpected<error> with_context(std::string_view context, error cause) {
  cause.message.insert(0, std::string(context) + ": ");
  return std::unexpected(std::move(cause));
}

}  // namespace nine

/// Leaves the function with the error when `expression` has one (RETURN is `return` or
/// `co_return`).
#define NINE_TRY_IMPL(RETURN, expression)                    \
  if (auto nine_try_result = (expression); !nine_try_result) \
  RETURN std::unexpected(std::move(nine_try_result).error())

/// For a result<void>, or a result whose value is not wanted.
#define NINE_TRY(expression) NINE_TRY_IMPL(return, expression)
#define NINE_CO_TRY(expression) NINE_TRY_IMPL(co_return, expression)

/// NINE_TRY_ASSIGN(auto text, files.read(path)): declares and assigns the value, or leaves with the
/// error.
#define NINE_TRY_ASSIGN(declaration, expression) \
  NINE_TRY_ASSIGN_IMPL(return, NINE_TRY_NAME(nine_result_, __LINE__), declaration, expression)
#define NINE_CO_TRY_ASSIGN(declaration, expression) \
  NINE_TRY_ASSIGN_IMPL(co_return, NINE_TRY_NAME(nine_result_, __LINE__), declaration, expression)
#define NINE_TRY_NAME(prefix, line) NINE_TRY_NAME_IMPL(prefix, line)
#define NINE_TRY_NAME_IMPL(prefix, line) prefix##line
#define NINE_TRY_ASSIGN_IMPL(RETURN, name, declaration, expression) \
  auto name = (expression);                                         \
  if (!name) RETURN std::unexpected(std::move(name).error());       \
  declaration = *std::move(name)
