#include "ninelives/environment/real/system_error.hpp"

#include <cerrno>
#include <string>

#include "ninelives/environment/real/system/kernel_error.hpp"

namespace nine::environment {

error_code code_of_errno(int number) {
  // Of connect: the other side has its hands full. Elsewhere the machine has run out of something.
  return number == EAGAIN ? error_code::unavailable : system::code_of(number);
}

std::unexpected<error> system_failure(int number, std::string_view context) {
  return fail(code_of_errno(number), std::string(context) + ": " + system::text_of(number));
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
