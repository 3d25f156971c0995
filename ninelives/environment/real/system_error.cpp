#include "ninelives/environment/real/system_error.hpp"

#include <cerrno>
#include <string>
#include <system_error>

namespace nine::environment {

error_code code_of_errno(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return error_code::not_found;
    case EEXIST:
      return error_code::already_exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return error_code::permission_denied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
      return error_code::resource_exhausted;
    case EFBIG:
    case ENAMETOOLONG:
      return error_code::too_large;
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EAGAIN:
      return error_code::unavailable;
    case ETIMEDOUT:
      return error_code::timed_out;
    case ECANCELED:
      return error_code::cancelled;
    default:
      return error_code::io_error;
  }
}

std::unexpected<error> system_failure(int number, std::string_view context) {
  return fail(code_of_errno(number),
              std::string(context) + ": " + std::generic_category().message(number));
}

std::unexpected<error> system_failure(const boost::system::error_code& problem,
                                      std::string_view context) {
  if (problem.category() == boost::system::system_category() ||
      problem.category() == boost::system::generic_category()) {
    return system_failure(problem.value(), context);
  }
  // Names that do not resolve, TLS that does not verify: the other side cannot be reached as asked.
  return fail(error_code::unavailable, std::string(context) + ": " + problem.message());
}

}  // namespace nine::environment
