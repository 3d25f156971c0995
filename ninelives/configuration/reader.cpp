#include "ninelives/configuration/reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nine::configuration {
namespace {

constexpr std::size_t owner_depth = 2;  // "agents.codex"

}  // namespace

reader::inside reader::enter(std::string_view key) {
  path_.emplace_back(key);
  if (path_.size() == owner_depth) references_.erase(path());
  return inside(*this);
}

void reader::refuse(position at, std::string_view message) {
  ++refusals_;
  problems_.add(at, path_.empty() ? std::string(message) : fmt::format("{}: {}", path(), message));
}

void reader::refer(position at, std::string_view section, std::string_view name) {
  const auto depth = std::min(path_.size(), owner_depth);
  const auto owner = fmt::format("{}", fmt::join(path_.begin(), path_.begin() + depth, "."));
  references_[owner].push_back({file_, at, path(), std::string(section), std::string(name)});
}

std::string reader::path() const {
  return fmt::format("{}", fmt::join(path_, "."));
}

}  // namespace nine::configuration
