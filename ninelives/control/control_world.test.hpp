#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <memory>
#include <string>
#include <vector>

#include "ninelives/control/agent_api.hpp"
#include "ninelives/control/built_in_configuration.hpp"
#include "ninelives/control/control_api.hpp"
#include "ninelives/journal/blob/memory/memory_blob_store.hpp"
#include "ninelives/journal/stores/memory/memory_store.hpp"
#include "ninelives/supervision/shim_world.test.hpp"

namespace nine::control {

namespace asio = boost::asio;

/// A home on a machine in memory, with both its APIs.
class home_on_a_machine {
 protected:
  home_on_a_machine() {
    api_.add_routes(router_);
    agents_.add_routes(router_);
  }

  static std::unique_ptr<journal::store> claimed_store() {
    auto store = std::make_unique<journal::stores::memory_store>(
        std::make_shared<journal::stores::memory_medium>());
    EXPECT_TRUE(store->claim());
    return store;
  }
  orchestration::orchestrator_options options() {
    orchestration::orchestrator_options options;
    options.tasks = "/home/tasks";
    options.children.shims = "/home/shims";
    options.children.shim_program = "/nine-shim";
    const auto same = [](std::string_view text) { return std::string(text); };
    options.seal = {same, same};
    return options;
  }
  control_seams seams() {
    const auto inspect = [](const environment::process_identity&) {
      return environment::process_facts();
    };
    return {machine_.clock, machine_.worker, inspect};
  }
  home_seams home() {
    home_seams home;
    home.own_processes = [] {
      return std::vector{reported_process{.role = "core", .process = {}, .state = "running"}};
    };
    home.check_configuration = [] {
      return boost::json::object{{"file", "/home/nine.yaml"}, {"health", "good"}};
    };
    home.mark_stopped = [this](std::string reason) -> result<void> {
      stopped_because_ = std::move(reason);
      return {};
    };
    return home;
  }

  http::request request(std::string method, std::string target, std::string body) {
    http::request asked{.method = std::move(method),
                        .target_text = target,
                        .where = *http::parse_target(target),
                        .fields = {},
                        .body = std::move(body),
                        .parameters = {}};
    return asked;
  }
  struct answer {
    unsigned status;
    boost::json::object body;
    std::string message() const {
      return std::string(body.at("error").as_object().at("message").as_string());
    }
  };
  static asio::awaitable<answer> call(const http::router& router, http::request asked) {
    const auto made = co_await router(std::move(asked));
    answer got{made.status, {}};
    if (!made.stream) got.body = boost::json::parse(made.body).as_object();
    co_return got;
  }
  answer ask(http::request asked) { return machine_.finish(call(router_, std::move(asked))); }
  answer get(std::string target) { return ask(request("GET", std::move(target), "")); }
  answer post(std::string target, std::string body) {
    return ask(request("POST", std::move(target), std::move(body)));
  }

  static boost::json::object submission() {
    return {{"text", "do it"}, {"directory", "/work"}, {"command", {"true"}}};
  }
  /// Gives a task, which runs then.
  std::string give() {
    const auto given = post("/v1/tasks", boost::json::serialize(submission()));
    EXPECT_EQ(given.status, 200u) << boost::json::serialize(given.body);
    return std::string(given.body.at("task").as_string());
  }
  /// Its agent ends well; so does it.
  void succeed(const std::string& task) {
    machine_.shims.at("/home/shims/" + task + ".a1")
        ->agent_exits(environment::exit_status::exited(0));
    machine_.settle();
    EXPECT_EQ(get("/v1/tasks/" + task).body.at("status").as_string(), "succeeded");
  }
  std::size_t tasks() { return get("/v1/tasks").body.at("tasks").as_array().size(); }

  asio::io_context context_;
  supervision::testing_world::world machine_{context_.get_executor(), [this] {
                                               context_.restart();
                                               context_.poll();
                                             }};
  journal::blob::memory_blob_store blobs_;
  journal::journal journal_{context_.get_executor(), machine_.clock, machine_.worker,
                            claimed_store()};
  orchestration::orchestrator orchestrator_{context_.get_executor(),
                                            machine_.bundle(),
                                            machine_.worker,
                                            journal_,
                                            blobs_,
                                            [](task_id, attempt_number, epoch) { return "token"; },
                                            options()};
  submission_reader submissions_{machine_.files, built_in_configuration("/share"),
                                 "/home/nine.yaml"};
  std::string stopped_because_;
  control_api api_{orchestrator_, journal_, submissions_, seams(), home()};
  agent_tokens tokens_{"a key of this home"};
  agent_api agents_{orchestrator_.steps(), tokens_};
  http::router router_;
};

}  // namespace nine::control
