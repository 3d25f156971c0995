#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>

#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/demo/condense.hpp"
#include "ninelives/demo/journal_audit.hpp"
#include "ninelives/environment/real/environment_variable.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/model_agent/model_agent.hpp"
#include "ninelives/model_agent/step_client.hpp"
#include "ninelives/programs/nine/composition.hpp"

namespace nine::programs {
namespace {

namespace asio = boost::asio;

std::string variable(const char* name) {
  return environment::environment_variable(name).value_or("");
}

asio::awaitable<result<std::string>> read(composition& parts) {
  constexpr std::size_t prompt_bytes_most = 64 * MiB;
  constexpr std::size_t lines_of_a_file = 40;
  http::client http(parts.world.network(), parts.world.clock());
  model_agent::step_client steps(http, parts.world.clock(), variable("NINE_SOCKET"),
                                 variable("NINE_TOKEN"));
  const std::string step(demo::reading_step);
  NINE_CO_TRY_ASSIGN(auto begun, co_await steps.begin(step, "pure"));
  if (begun.verdict == "finished") co_return std::move(begun.result);
  NINE_CO_TRY_ASSIGN(const auto prompt, environment::read_standard_input(prompt_bytes_most));
  auto words = demo::question_opening(variable("NINE_TASK"), variable("NINE_ATTEMPT")) +
               demo::condense(prompt, lines_of_a_file);
  model_agent::finished_step finished{.key = step, .result = words};
  NINE_CO_TRY(co_await steps.finish(std::move(finished)));
  co_return words;
}

}  // namespace

int run_demo_reader(composition& parts) {
  result<std::string> words = fail(error_code::internal, "the diff was not read");
  asio::co_spawn(parts.world.executor(), read(parts),
                 [&](const std::exception_ptr& thrown, result<std::string> given) {
                   if (!thrown) words = std::move(given);
                   parts.world.context().stop();
                 });
  parts.world.context().run();
  if (words && environment::write_all_to(1, *words)) return command_line::exit_succeeded;
  if (words) return command_line::exit_failed;
  environment::write_to(2, fmt::format("nine demo-reader: {}\n", words.error().message));
  return words.error().code == error_code::fenced ? model_agent::exit_fenced
                                                  : command_line::exit_failed;
}

}  // namespace nine::programs
