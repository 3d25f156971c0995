#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "ninelives/base/thrown.hpp"
#include "ninelives/command_line/exit_code.hpp"
#include "ninelives/environment/real/real_termination.hpp"
#include "ninelives/environment/real/this_program.hpp"
#include "ninelives/model_simulator/model_simulator.hpp"
#include "ninelives/programs/nine/composition.hpp"
#include "ninelives/programs/nine/usage.hpp"

namespace nine::programs {
namespace {

namespace asio = boost::asio;
using namespace asio::experimental::awaitable_operators;

struct simulator_arguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::uint64_t seed = 1;
  std::string script;
  std::string address_file;
  bool log = false;
};

result<model_simulator::script> read_script(composition& parts, const std::string& file) {
  if (file.empty()) return model_simulator::script();
  constexpr bytes script_bytes_most = 1 * MiB;
  NINE_TRY_ASSIGN(const auto text, parts.world.files().read(file, script_bytes_most));
  return model_simulator::parse_script(text);
}

asio::awaitable<result<void>> serve(composition& parts, const simulator_arguments& given) {
  NINE_CO_TRY_ASSIGN(auto script, read_script(parts, given.script));
  NINE_CO_TRY_ASSIGN(const auto listener, parts.world.network().listen(
                                              environment::tcp_endpoint{given.host, given.port}));
  const auto bound = std::get<environment::tcp_endpoint>(listener->local_endpoint());
  const auto address = fmt::format("{}:{}\n", bound.host, bound.port);
  if (!given.address_file.empty())
    NINE_CO_TRY(parts.world.files().write_durably(given.address_file, address));
  environment::write_to(1, address);
  model_simulator::log_sink log;
  if (given.log)
    log = [](std::string_view line) { environment::write_to(1, std::string(line) + "\n"); };
  environment::real_termination termination(parts.world.executor());
  co_await (model_simulator::run_model_simulator(parts.world.clock(), *listener, std::move(script),
                                                 given.seed, log) ||
            termination.requested());
  co_return result<void>();
}

}  // namespace

int run_simulated_model(composition& parts, int argc, char** argv) {
  simulator_arguments given;
  CLI::App app("A simulated model: OpenAI's chat completions, with faults by script and seed.",
               "nine sim-model");
  app.add_option("--host", given.host, "address to listen on");
  app.add_option("--port", given.port, "0 takes a free one");
  app.add_option("--seed", given.seed,
                 "the same seed and questions give the same answers and faults");
  app.add_option("--script", given.script, "a JSON file: faults, answers, times");
  app.add_option("--address-file", given.address_file,
                 "where to write the address once it listens");
  app.add_flag("--log", given.log, "print a JSON line for each question");
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::ParseError& problem) {
    return tell_usage(app, problem);
  }
  result<void> outcome;
  asio::co_spawn(parts.world.executor(), serve(parts, given),
                 [&](const std::exception_ptr& thrown, result<void> served) {
                   outcome = std::move(served);
                   if (thrown) outcome = fail(error_code::internal, describe_thrown(thrown));
                   parts.world.context().stop();
                 });
  parts.world.context().run();
  if (outcome) return command_line::exit_succeeded;
  environment::write_to(2, fmt::format("nine: sim-model: {}\n", outcome.error().message));
  return command_line::exit_failed;
}

}  // namespace nine::programs
