#pragma once

#include <map>
#include <string>

#include "ninelives/journal/blob_store.hpp"
#include "ninelives/journal/digest.hpp"

namespace nine::journal::blob {

/// Blobs in memory, for tests and simulations; without a clock, so all of them count as old.
/// Thread: one at a time.
class memory_blob_store final : public blob_store {
 public:
  result<std::string> put(std::string_view content) override {
    auto digest = digest_of(content);
    blobs_.emplace(digest, content);
    return digest;
  }
  result<std::string> get(std::string_view digest) override {
    const auto found = blobs_.find(digest);
    if (found == blobs_.end()) return fail(error_code::not_found, "no blob " + std::string(digest));
    return found->second;
  }
  result<std::vector<std::string>> list_older(wall_time, std::string_view after,
                                              std::size_t limit) override {
    std::vector<std::string> names;
    for (auto blob = blobs_.upper_bound(after); blob != blobs_.end() && names.size() < limit;
         ++blob)
      names.push_back(blob->first);
    return names;
  }
  result<void> remove_older(std::string_view digest, wall_time) override {
    if (const auto found = blobs_.find(digest); found != blobs_.end()) blobs_.erase(found);
    return {};
  }

 private:
  std::map<std::string, std::string, std::less<>> blobs_;
};

}  // namespace nine::journal::blob
