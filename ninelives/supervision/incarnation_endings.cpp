#include "ninelives/supervision/incarnation_endings.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace nine::supervision {

incarnation_ending ending_of(const shim::exited& event) {
  return {.incarnation = event.incarnation,
          .how = incarnation_ending::kind::exited,
          .exit = event.exit,
          .stop_was_asked = event.stop_was_asked,
          .output_bytes = event.output_bytes,
          .stdout_bytes_lost = event.stdout_bytes_lost};
}

incarnation_ending ending_of(const shim::start_failed& event) {
  return {.incarnation = event.incarnation,
          .how = incarnation_ending::kind::start_failed,
          .error_number = event.error_number,
          .message = event.message};
}

std::vector<incarnation_ending> endings_of(const shim::shim_hello& hello) {
  std::vector<incarnation_ending> endings;
  for (const auto& event : hello.exits)
    endings.push_back(ending_of(event));
  for (const auto& event : hello.failed_starts)
    endings.push_back(ending_of(event));
  std::ranges::sort(endings, {}, &incarnation_ending::incarnation);
  return endings;
}

std::string describe(const incarnation_ending& ending) {
  if (ending.how == incarnation_ending::kind::exited) return to_string(ending.exit);
  return ending.message;
}

bool can_never_run(const incarnation_ending& ending) {
  constexpr std::array final{ENOENT, EACCES,       EPERM, ENOEXEC, ENOTDIR, EISDIR,
                             ELOOP,  ENAMETOOLONG, E2BIG, ELIBBAD, EINVAL};
  return ending.how == incarnation_ending::kind::start_failed &&
         std::ranges::find(final, ending.error_number) != final.end();
}

child_end meaning_of(const incarnation_ending& ending, exit_meaning exits) {
  if (ending.how != incarnation_ending::kind::exited) return child_end::abnormal;
  if (ending.stop_was_asked) return child_end::shutdown;
  const bool code = ending.exit.how == environment::exit_status::kind::exited;
  if (ending.exit.success() || (code && exits == exit_meaning::any_code)) return child_end::normal;
  return child_end::abnormal;
}

}  // namespace nine::supervision
