#include "ninelives/programs/nine/process_log.hpp"

#include <utility>

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

process_log::process_log(const environment::clock& clock, std::string role,
                         std::filesystem::path file, const configuration::log& settings)
    : file_(std::move(file), settings.size), standard_error_(2), queued_(file_) {
  telemetry::logger::options options{.least = level_of(settings.level)};
  if (!file_.has_standard_error()) options.people = &standard_error_;
  logger_ = telemetry::logger(queued_, clock, std::move(options)).with({.role = std::move(role)});
}

void process_log::leave(int code) {
  constexpr duration patience = 1s;
  queued_.flush(patience);
  environment::exit_now(code);
}

}  // namespace nine::programs
