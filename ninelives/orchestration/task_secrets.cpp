#include "ninelives/orchestration/task_secrets.hpp"

#include <algorithm>
#include <vector>

namespace nine::orchestration {
namespace {

bool is_secret(const std::string& name, const execution::task_specification& task) {
  const bool of_a_model = std::ranges::any_of(
      task.plan.models, [&](const auto& entry) { return entry.second.api_key_variable == name; });
  return of_a_model || name.ends_with("_KEY") || telemetry::names_a_secret(name);
}

}  // namespace

telemetry::redactor secrets_of(const variables& caller, const execution::task_specification& task) {
  std::vector<std::string> values;
  for (const auto& [name, value] : caller) {
    if (is_secret(name, task)) values.push_back(value);
  }
  return telemetry::redactor(std::move(values));
}

boost::asio::awaitable<result<const telemetry::redactor*>> secret_store::of(run_pointer run) {
  if (!run->secrets) {
    auto read = [this, task = run->state.id] { return files_.read_environment(task); };
    NINE_CO_TRY_ASSIGN(const auto caller, co_await environment::run_on(worker_, std::move(read)));
    run->secrets = secrets_of(caller, run->state.specification);
  }
  co_return &*run->secrets;
}

}  // namespace nine::orchestration
