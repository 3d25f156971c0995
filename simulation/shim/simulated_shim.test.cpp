#include "simulation/shim/simulated_shim.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "simulation/agents/scripted_agent.hpp"
#include "simulation/machine/function_program.hpp"
#include "simulation/world.hpp"

namespace nine::simulation {
namespace {

namespace shim = supervision::shim;
using boost::asio::awaitable;

/// A core of a few lines: makes a shim, starts one agent, says what it hears.
class small_core {
 public:
  explicit small_core(world& stage) {
    stage.programs()["nine-shim"] = simulated_shims();
    stage.programs()["agent"] = scripted_agent(script, [](auto&) { return "done"; });
    stage.programs()[descendant_program] = agent_descendant();
    stage.programs()["core"] =
        program_of([this](process_context& context) { return run(context); });
  }

  awaitable<int> run(process_context& context) {
    std::ignore = context.files().make_directory("/home/shims/one");
    const environment::endpoint place = environment::unix_endpoint{"/home/shims/one/socket"};
    if (!made_) {
      auto listener = context.network().listen(place).value();
      environment::process_specification wanted;
      wanted.arguments = {"/usr/bin/nine-shim", "/home/shims/one", "1"};
      wanted.listeners = {{std::string(shim::listener_name), listener.get()}};
      made_ = context.processes().spawn(wanted).has_value();
    }
    auto stream = co_await context.network().connect(place);
    if (!stream) co_return 1;
    co_await talk(**stream);
    co_return 0;
  }

  awaitable<void> talk(environment::stream& stream) {
    const auto hello = shim::encode(shim::request(shim::core_hello{1, core_epoch(++lives_)}));
    co_await stream.write(hello);
    shim::frame_reader reader;
    char buffer[512];
    while (true) {
      const auto count = co_await stream.read_some(buffer);
      if (!count || *count == 0) co_return;
      reader.feed({buffer, *count});
      for (auto payload = reader.next().value(); !payload.empty();
           payload = reader.next().value()) {
        heard.push_back(shim::decode_event(payload).value());
        if (heard.size() == 1) co_await stream.write(start_frame());
      }
    }
  }

  std::string start_frame() {
    shim::start start;
    start.incarnation = epoch(1);
    start.arguments = {"agent"};
    start.environment = {"NINE_CHILD=/home/shims/one"};
    start.stdout_file = "/home/shims/one/out";
    return shim::encode(shim::request(std::move(start)));
  }

  agent_script script;
  std::vector<shim::event> heard;

 private:
  bool made_ = false;
  std::int64_t lives_ = 0;
};

TEST(simulated_shim, runs_an_agent_and_tells_its_end_and_the_size_of_its_output) {
  world stage(1);
  auto& subject = stage.keep<small_core>(stage);
  stage.start({"core"});
  stage.run_for(1min);
  ASSERT_EQ(subject.heard.size(), 3u) << stage.failure();
  EXPECT_TRUE(std::holds_alternative<shim::shim_hello>(subject.heard[0]));
  EXPECT_TRUE(std::holds_alternative<shim::started>(subject.heard[1]));
  const auto& end = std::get<shim::exited>(subject.heard[2]);
  EXPECT_TRUE(end.exit.success());
  EXPECT_EQ(end.output_bytes, 4u);
}

TEST(simulated_shim, ends_what_the_agent_left_behind_before_it_tells) {
  world stage(1);
  auto& subject = stage.keep<small_core>(stage);
  subject.script.leave_behind = 1;
  stage.start({"core"});
  EXPECT_TRUE(stage.run_until([&] { return subject.heard.size() == 3; }, 1min));
  EXPECT_TRUE(stage.host().alive(descendant_program).empty());
}

TEST(simulated_shim, keeps_the_agent_running_when_the_core_dies_and_tells_the_next_one) {
  world stage(1);
  auto& subject = stage.keep<small_core>(stage);
  auto& core = stage.start({"core"});
  EXPECT_TRUE(stage.run_until([&] { return subject.heard.size() == 2; }, 1min));
  stage.host().kill(core);
  EXPECT_FALSE(stage.host().alive("agent").empty());
  stage.run_for(10s);
  EXPECT_TRUE(stage.host().alive("agent").empty());
  stage.start({"core"});
  stage.run_for(1s);
  const auto& hello = std::get<shim::shim_hello>(subject.heard.at(2));
  ASSERT_EQ(hello.exits.size(), 1u);
  EXPECT_TRUE(hello.exits[0].exit.success());
}

TEST(simulated_shim, tells_the_signal_that_killed_the_agent) {
  world stage(1);
  auto& subject = stage.keep<small_core>(stage);
  stage.start({"core"});
  EXPECT_TRUE(stage.run_until([&] { return subject.heard.size() == 2; }, 1min));
  stage.host().kill(*stage.host().alive("agent").at(0));
  EXPECT_TRUE(stage.run_until([&] { return subject.heard.size() == 3; }, 1min));
  EXPECT_EQ(std::get<shim::exited>(subject.heard[2]).exit,
            environment::exit_status::signalled(SIGKILL));
}

}  // namespace
}  // namespace nine::simulation
