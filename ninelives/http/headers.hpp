#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nine::http {

/// Whether two names of header fields (or other ASCII tokens) are the same, ignoring case.
bool equal_ignoring_case(std::string_view left, std::string_view right);

/// Header fields in the order they stand in the message; names ignore case.
class headers {
 public:
  headers() = default;
  headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }

  /// Replaces all fields of this name by one.
  void set(std::string_view name, std::string value);

  /// The first field of this name.
  std::optional<std::string_view> find(std::string_view name) const;

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace nine::http
