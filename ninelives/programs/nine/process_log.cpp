#include "ninelives/programs/nine/process_log.hpp"

#include <utility>

#include "ninelives/base/thrown.hpp"
#include "ninelives/environment/real/this_program.hpp"

namespace nine::programs {
namespace {

telemetry::level level_of(configuration::log_level level) {
  switch (level) {
    case configuration::log_level::debug:
      return telemetry::level::debug;
    case configuration::log_level::info:
      break;
    case configuration::log_level::warning:
      return telemetry::level::warning;
    case configuration::log_level::error:
      return telemetry::level::error;
  }
  return telemetry::level::info;
}

}  // namespace

process_log::process_log(composition& parts, const std::string& role,
                         const home_configuration& configuration)
    : file_(parts.layout.logs() / (role + ".log"), configuration.settings.log.size),
      standard_error_(2),
      queued_(file_) {
  telemetry::logger::options options{.least = level_of(configuration.settings.log.level)};
  if (!file_.has_standard_error()) options.people = &standard_error_;
  logger_ =
      telemetry::logger(queued_, parts.world.clock(), std::move(options)).with({.role = role});
  logger_.info(role + "_starts", "the " + role + " starts",
               {{"pid", parts.world.processes().self().pid}});
  if (configuration.refused.empty()) return;
  logger_.error("configuration_refused",
                "the built-in configuration holds: " + configuration.refused);
}

void process_log::tell_unhandled(const std::exception_ptr& thrown) {
  if (thrown) logger_.error("exception_unhandled", describe_thrown(thrown));
}

void process_log::leave(int code) {
  constexpr duration patience = 1s;
  queued_.flush(patience);
  environment::exit_now(code);
}

}  // namespace nine::programs
