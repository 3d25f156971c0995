#include "ninelives/execution/task_specification.hpp"

#include "ninelives/execution/json_archive.hpp"

namespace nine::execution {

static result<void> read_json(const boost::json::value& json, content& value) {
  NINE_TRY_ASSIGN(value, content_from_json(json));
  return {};
}

template <class Archive>
void fields(Archive& archive, fields_of<task_specification> auto& value) {
  archive("text", value.text);
  archive("input", value.input);
  archive("directory", value.directory);
  archive("retry_of", value.retry_of);
}

boost::json::value to_json(const task_specification& specification) {
  auto json = write_fields(specification);
  json["plan"] = configuration::to_json(specification.plan);
  return json;
}

result<task_specification> task_specification_from_json(const boost::json::value& value) {
  task_specification specification;
  NINE_TRY(read_fields(value, specification));
  const auto* plan = value.get_object().if_contains("plan");
  if (!plan) return fail(error_code::corrupted, "a task without a plan");
  NINE_TRY_ASSIGN(specification.plan, configuration::task_plan_from_json(*plan));
  return specification;
}

}  // namespace nine::execution
