#include "ninelives/programs/nine/run_arguments.hpp"

#include <fmt/format.h>

#include "ninelives/configuration/quantities.hpp"
#include "ninelives/environment/real/this_program.hpp"

namespace nine::programs {
namespace {

/// No home takes more (limits.prompt_size); what this one takes, its core says.
constexpr std::size_t read_bytes_most = 64 * MiB;
constexpr duration longest_limit = 365 * 24h;

result<std::optional<std::int64_t>> milliseconds_of(std::string_view option,
                                                    const std::string& text, duration least) {
  if (text.empty()) return std::nullopt;
  const auto limit = configuration::parse_duration(text);
  if (limit && *limit >= least && *limit <= longest_limit) return to_milliseconds(*limit);
  const auto wrong = limit ? "is out of range" : "is no duration";
  return fail(error_code::invalid_argument,
              fmt::format("{}: '{}' {}; it looks like 30s, 10m, 2h, and {} to {} is allowed",
                          option, text, wrong, configuration::format_duration(least),
                          configuration::format_duration(longest_limit)));
}

void take_variables(run_arguments& given) {
  auto& request = given.request;
  request.environment = environment::environment_variables();
  for (const auto& variable : given.variables) {
    const auto equals = variable.find('=');
    request.pass.push_back(variable.substr(0, equals));
    if (equals != std::string::npos)
      request.environment[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
}

/// A text of "-" and an input of "-" are read from standard input, which is there once.
result<void> read_texts(run_arguments& given) {
  auto& request = given.request;
  if (request.text == "-" && given.input == "-") {
    return fail(error_code::invalid_argument,
                "text and input cannot both come from standard input; give one of them as a file "
                "(--input FILE)");
  }
  if (request.text == "-") {
    NINE_TRY_ASSIGN(request.text, environment::read_standard_input(read_bytes_most));
    if (request.text.empty())
      return fail(error_code::invalid_argument, "standard input holds no text");
  }
  if (given.input.empty()) return {};
  NINE_TRY_ASSIGN(request.input, given.input == "-"
                                     ? environment::read_standard_input(read_bytes_most)
                                     : environment::read_input(given.input, read_bytes_most));
  return {};
}

}  // namespace

result<command_line::run_request> complete(run_arguments given,
                                           std::vector<std::string> agent_command) {
  auto& request = given.request;
  if (request.text.empty())
    return fail(error_code::invalid_argument, "the text of the task is empty");
  request.command = std::move(agent_command);
  if (request.directory.empty()) request.directory = environment::working_directory().string();
  request.directory =
      (environment::working_directory() / request.directory).lexically_normal().string();
  NINE_TRY_ASSIGN(request.timeout_ms, milliseconds_of("--timeout", given.timeout, 1s));
  NINE_TRY_ASSIGN(request.attempt_timeout_ms,
                  milliseconds_of("--attempt-timeout", given.attempt_timeout, 100ms));
  if (given.retries >= 0) request.retries = given.retries;
  take_variables(given);
  NINE_TRY(read_texts(given));
  return std::move(given.request);
}

}  // namespace nine::programs
