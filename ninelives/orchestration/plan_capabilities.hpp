#pragma once

#include "ninelives/orchestration/next_action.hpp"

namespace nine::orchestration {

/// What a task can have by the plan it was accepted with: a model is there when it has an address.
class plan_capabilities final : public capabilities {
 public:
  std::optional<std::string> missing_reason(const execution::task_specification& specification,
                                            const configuration::agent& agent,
                                            const std::string& capability) const override;
};

}  // namespace nine::orchestration
