// The program serves exactly what api/openapi.yaml says.

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <set>

#include "ninelives/control/routes.hpp"

namespace nine::control {
namespace {

std::set<std::string> described(const std::string& tag) {
  std::set<std::string> routes;
  const auto file = YAML::LoadFile(std::string(NINE_SOURCE_DIRECTORY) + "/api/openapi.yaml");
  for (const auto& path : file["paths"]) {
    for (const auto& [method, name] : {std::pair{"get", "GET"}, std::pair{"post", "POST"}}) {
      const auto operation = path.second[method];
      if (operation && operation["tags"][0].as<std::string>() == tag) {
        routes.insert(std::string(name) + " " + path.first.as<std::string>());
      }
    }
  }
  return routes;
}

template <std::size_t N>
std::set<std::string> served(const std::array<route_name, N>& routes) {
  std::set<std::string> names;
  for (const auto& route : routes)
    names.insert(std::string(route.method) + " " + std::string(route.path));
  return names;
}

TEST(openapi, describes_the_control_api) {
  EXPECT_EQ(described("control"), served(control_routes));
}

TEST(openapi, describes_the_agent_api) {
  EXPECT_EQ(described("agent"), served(agent_routes));
}

}  // namespace
}  // namespace nine::control
