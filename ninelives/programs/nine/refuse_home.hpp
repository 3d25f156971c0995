#pragma once

#include <boost/asio/awaitable.hpp>
#include <filesystem>

#include "ninelives/command_line/control_client.hpp"
#include "ninelives/programs/nine/composition.hpp"

namespace nine::programs {

/// Whether the home cannot be taken for a reason that no restart removes: something in it is
/// damaged, or of a newer version.
bool is_for_a_person(const error& problem);

/// Saves aside what can be read of a damaged journal and changes nothing of it. The error with that
/// and with what to do about it.
error damaged_journal(composition& parts, const error& problem);

/// Leaves the message for whoever starts the home or waits for it.
void refuse_home(composition& parts, const error& problem);

/// `nine up --fresh-journal`: moves a journal that was refused, and the files of its tasks, aside
/// and clears the refusal. The next core begins an empty one. The result is the directory they are
/// in now. It has the home for itself meanwhile, and waits some seconds for a guard that is about
/// to end. Errors: precondition_failed (the home runs, or nothing is wrong with its journal).
boost::asio::awaitable<result<std::filesystem::path>> set_journal_aside(
    composition& parts, command_line::control_client& client);

}  // namespace nine::programs
