#pragma once

#include <string>
#include <utility>

#include "ninelives/base/result.hpp"
#include "ninelives/environment/real/system/descriptor.hpp"

namespace nine::environment::system {

/// A directory that is known by itself, not by its name: when it has been removed, another of the
/// same name is not it. Costs a descriptor and keeps nobody from removing it.
class held_directory {
 public:
  static result<held_directory> open(const std::string& path);

  /// True only when it is known.
  bool is_removed() const;

 private:
  explicit held_directory(descriptor directory) : directory_(std::move(directory)) {}

  descriptor directory_;
};

}  // namespace nine::environment::system
