#include "ninelives/demo/assassin.hpp"

#include <array>
#include <boost/json.hpp>
#include <utility>
#include <vector>

namespace nine::demo {
namespace {

/// Of a hundred kills, how many fall on each role.
constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> shares{
    {{"agent", 55}, {"shim", 20}, {"core", 15}, {"guard", 10}}};

std::vector<victim> of_role(const boost::json::object& status, std::string_view role) {
  std::vector<victim> found;
  const auto* processes = status.if_contains("processes");
  if (!processes || !processes->is_array()) return found;
  for (const auto& entry : processes->get_array()) {
    const auto& process = entry.as_object();
    if (process.at("role").as_string() != role) continue;
    boost::json::error_code problem;
    const auto pid = process.at("pid").to_number<std::int32_t>(problem);
    if (problem || pid <= 1) continue;
    const auto* child = process.if_contains("child");
    found.push_back(
        {std::string(role), pid, child ? std::string(child->as_string()) : std::string()});
  }
  return found;
}

}  // namespace

std::string_view drawn_role(std::uint64_t draw) {
  auto share = draw % 100;
  for (const auto& [role, weight] : shares) {
    if (share < weight) return role;
    share -= weight;
  }
  return shares.front().first;
}

std::optional<victim> choose_victim(const boost::json::object& status, std::string_view role,
                                    std::uint64_t draw) {
  const auto candidates = of_role(status, role);
  if (candidates.empty()) return {};
  return candidates[(draw / 100) % candidates.size()];
}

}  // namespace nine::demo
