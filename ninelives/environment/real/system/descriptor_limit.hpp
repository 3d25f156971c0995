#pragma once

#include <sys/resource.h>

#include <optional>

namespace nine::environment::system {

/// Lets this process open as many files as the machine allows it (the hard limit), beyond the 1,024
/// that is usual. Its children keep what it was given itself: programs that use select(2) must not
/// be handed higher numbers. To be called at most once, before threads are made. Does nothing where
/// the limit cannot be had.
void raise_descriptor_limit();

/// What children are to be given back; none when nothing was raised.
const std::optional<rlimit>& descriptor_limit_of_children();

}  // namespace nine::environment::system
