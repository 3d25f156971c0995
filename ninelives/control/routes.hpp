#pragma once

#include <array>
#include <string_view>

/// The paths that are served, each once; api/openapi.yaml describes them and a test compares.
namespace nine::control {

struct route_name {
  std::string_view method;
  std::string_view path;
};

inline constexpr std::array<route_name, 11> control_routes{{
    {"POST", "/v1/tasks"},
    {"GET", "/v1/tasks"},
    {"GET", "/v1/tasks/{id}"},
    {"POST", "/v1/tasks/{id}/cancel"},
    {"POST", "/v1/tasks/{id}/retry"},
    {"GET", "/v1/tasks/{id}/explain"},
    {"GET", "/v1/tasks/{id}/logs"},
    {"GET", "/v1/tree"},
    {"GET", "/v1/status"},
    {"GET", "/v1/events"},
    {"POST", "/v1/down"},
}};

inline constexpr std::array<route_name, 2> agent_routes{{
    {"POST", "/v1/steps/begin"},
    {"POST", "/v1/steps/finish"},
}};

}  // namespace nine::control
