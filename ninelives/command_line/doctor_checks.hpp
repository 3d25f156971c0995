#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/files.hpp"
#include "ninelives/environment/machine_facts.hpp"
#include "ninelives/environment/process_facts.hpp"

/// What `nine doctor` makes of what it has seen. Pure: facts in, findings out.
namespace nine::command_line {

struct finding {
  enum class severity {
    good,
    warning,  ///< works, with less, or not for long
    wrong,    ///< does not work
  };

  severity how = severity::good;
  std::string what;
  std::string mend{};  ///< what to do about it; empty for good ones

  bool operator==(const finding&) const = default;
};
using findings = std::vector<finding>;

/// Kernel, control groups, descriptors, disk, clock.
findings check_machine(const environment::machine_facts& machine);

/// The journal's file was written in the future: the clock went back.
findings check_clock_against(wall_time journal_written, wall_time now);

/// The program that keeps agents, beside this one or where it is installed.
finding check_shim_program(const std::filesystem::path& program,
                           const result<environment::file_information>& found);

/// The home is not made yet: `written` is what came of writing into the directory above it that is
/// there.
finding check_missing_home(const std::filesystem::path& root, const result<void>& written);

/// A directory of the home as it was found.
finding check_directory(const std::filesystem::path& directory,
                        const result<environment::file_information>& found);

/// Files in a directory that a process killed in the midst of writing has left.
findings check_leftovers(const std::filesystem::path& directory,
                         const std::vector<std::string>& names);

/// Guard or core, found by its lock.
struct role_sight {
  std::string role;
  result<environment::process_identity> holder;
  environment::process_facts seen{};
};
finding check_role(const role_sight& sight);

/// A nine.yaml; `read` is what the reader says of it.
finding check_configuration(const std::filesystem::path& file, const result<void>& read);

/// What the core says of itself in GET /v1/status.
findings check_status(const boost::json::object& status);

/// A core that runs does not answer.
finding check_silence(const error& silence);

/// What may keep the core from answering: `journal` is what a look into it from outside told,
/// `last_error` the last error in the core's log; empty when there is none.
findings check_causes(const result<void>& journal, const std::string& last_error);

}  // namespace nine::command_line
