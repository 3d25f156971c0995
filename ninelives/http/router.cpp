#include "ninelives/http/router.hpp"

#include <algorithm>

namespace nine::http {
namespace {

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

}  // namespace

bool router::route::match(const std::vector<std::string>& path) const {
  return std::ranges::equal(path, segments, [](const auto& actual, const auto& expected) {
    return is_parameter(expected) || actual == expected;
  });
}

std::size_t router::route::parameter_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(segments, is_parameter));
}

void router::add(std::string method, std::string_view pattern, handler to) {
  route added{std::move(method), {}, std::move(to)};
  for (const auto segment : split_path(pattern))
    added.segments.emplace_back(segment);
  const auto place =
      std::ranges::upper_bound(routes_, added.parameter_count(), {}, &route::parameter_count);
  routes_.insert(place, std::move(added));
}

const router::route* router::find(request& asked, std::string& allowed) const {
  const std::string_view method = asked.method == "HEAD" ? "GET" : std::string_view(asked.method);
  for (const auto& candidate : routes_) {
    if (!candidate.match(asked.where.segments)) continue;
    if (candidate.method != method) {
      allowed += (allowed.empty() ? "" : ", ") + candidate.method;
      continue;
    }
    for (std::size_t i = 0; i < candidate.segments.size(); ++i) {
      const std::string_view segment = candidate.segments[i];
      if (!is_parameter(segment)) continue;
      asked.parameters.emplace(segment.substr(1, segment.size() - 2), asked.where.segments[i]);
    }
    return &candidate;
  }
  return nullptr;
}

boost::asio::awaitable<response> router::operator()(request asked) const {
  std::string allowed;
  const route* found = find(asked, allowed);
  if (found != nullptr) co_return co_await found->to(std::move(asked));
  if (allowed.empty()) {
    co_return problem(404, "not_found", "nothing is at '" + asked.target_text.substr(0, 200) + "'");
  }
  auto refused = problem(405, "method_not_allowed",
                         asked.method + " is not possible here; " + allowed + " is");
  refused.fields.add("Allow", allowed);
  co_return refused;
}

}  // namespace nine::http
