#include "ninelives/environment/real/system/descriptor_limit.hpp"

namespace nine::environment::system {
namespace {

std::optional<rlimit> given;

}  // namespace

void raise_descriptor_limit() {
  rlimit present{};
  if (::getrlimit(RLIMIT_NOFILE, &present) != 0 || present.rlim_cur == present.rlim_max) return;
  const rlimit all{.rlim_cur = present.rlim_max, .rlim_max = present.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &all) == 0) given = present;
}

const std::optional<rlimit>& descriptor_limit_of_children() {
  return given;
}

}  // namespace nine::environment::system
