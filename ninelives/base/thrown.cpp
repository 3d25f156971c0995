#include "ninelives/base/thrown.hpp"

#include "ninelives/base/assert.hpp"
#include "ninelives/base/printable.hpp"

namespace nine {

std::string describe_thrown(const std::exception_ptr& thrown) {
  NINE_ASSERT(thrown != nullptr);
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& problem) {
    return printable_line(problem.what());
  } catch (...) {
    return "an exception of no known type";
  }
}

}  // namespace nine
