// Linked into sanitised programs. A guard gives its core, and a core its shims, an environment of
// their own, in which nobody's ASAN_OPTIONS arrive; and the directory of a shim goes with its
// agent. So programs of a home leave what their sanitizer finds in the log directory of the home,
// where the drills look for it.
#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

extern "C" const char* __ubsan_default_options() {
  return "print_stacktrace=1";
}

/// To set the path makes its directories: only where a home has them already.
[[gnu::constructor]] static void report_to_the_home() {
  const auto* home = std::getenv("NINE_HOME");
  if (home == nullptr || ::access((std::string(home) + "/log").c_str(), W_OK) != 0) return;
  __sanitizer_set_report_path((std::string(home) + "/log/sanitizer").c_str());
}
