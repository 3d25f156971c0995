#include "ninelives/environment/real/system/kernel_error.hpp"

#include <cerrno>
#include <cstring>

namespace nine::environment::system {

error_code code_of(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case ESRCH:
    case ECHILD:
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
    case EAGAIN:  // of clone: the limit of processes
      return error_code::resource_exhausted;
    case E2BIG:
    case EFBIG:
    case ENAMETOOLONG:
      return error_code::too_large;
    case EINVAL:
    case ENOEXEC:
    case EISDIR:
    case ELOOP:
    case ENXIO:   // opening a socket as a file
    case ESPIPE:  // reading a fifo as a file
      return error_code::invalid_argument;
    case ECONNREFUSED:
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
      return error_code::unavailable;
    case ETIMEDOUT:
      return error_code::timed_out;
    case ECANCELED:
      return error_code::cancelled;
    default:
      return error_code::io_error;
  }
}

std::string text_of(int error_number) {
  const char* text = ::strerrordesc_np(error_number);  // untranslated, safe in threads
  return text != nullptr ? text : "error " + std::to_string(error_number);
}

std::unexpected<error> kernel_failure(int error_number, std::string_view what) {
  return fail(code_of(error_number), std::string(what) + ": " + text_of(error_number));
}

}  // namespace nine::environment::system
