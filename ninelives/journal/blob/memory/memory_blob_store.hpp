#pragma once

#include <map>
#include <string>

#include "ninelives/journal/blob_store.hpp"
#include "ninelives/journal/digest.hpp"

namespace nine::journal::blob {

/// Blobs in memory, for tests and simulations. Thread: one at a time.
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

 private:
  std::map<std::string, std::string, std::less<>> blobs_;
};

}  // namespace nine::journal::blob
