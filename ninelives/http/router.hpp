#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ninelives/http/message.hpp"

namespace nine::http {

/// Finds the handler of a request by method and path. Routes are few; they are tried in order,
/// those with fewer parameters first.
class router {
 public:
  /// `pattern` is a path whose segments may be parameters: "/v1/tasks/{id}".
  void add(std::string method, std::string_view pattern, handler to);

  /// What the request comes to: 404 for an unknown path, 405 with Allow for an unknown method. HEAD
  /// goes to the handler of GET.
  boost::asio::awaitable<response> operator()(request asked) const;

 private:
  struct route {
    std::string method;
    std::vector<std::string> segments;
    handler to;

    bool match(const std::vector<std::string>& path) const;
    std::size_t parameter_count() const;
  };

  const route* find(request& asked, std::string& allowed) const;

  std::vector<route> routes_;
};

}  // namespace nine::http
