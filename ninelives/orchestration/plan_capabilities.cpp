#include "ninelives/orchestration/plan_capabilities.hpp"

namespace nine::orchestration {

std::optional<std::string> plan_capabilities::missing_reason(
    const execution::task_specification& specification, const configuration::agent& agent,
    const std::string& capability) const {
  if (capability != "model") return {};
  const auto& models = specification.plan.models;
  const auto found = models.find(agent.model);
  if (found != models.end() && !found->second.base_url.empty()) return {};
  return "no model is configured: set OPENAI_BASE_URL and OPENAI_API_KEY, or describe one in "
         "nine.yaml";
}

}  // namespace nine::orchestration
