#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "ninelives/environment/worker.hpp"
#include "ninelives/execution/facts.hpp"
#include "ninelives/journal/blob_store.hpp"

namespace nine::orchestration {

/// Texts of tasks: short ones stand in the facts themselves, long ones in the blob store.
/// Thread: the caller's executor; the blob store is used on the worker only.
class content_store {
 public:
  content_store(environment::worker& worker, journal::blob_store& blobs)
      : worker_(worker), blobs_(blobs) {}

  /// Completes when the text is durable, as far as it does not stand in the content itself.
  /// Errors: those of blob_store::put.
  boost::asio::awaitable<result<execution::content>> keep(std::string text);
  /// The text behind a content. Errors: not_found, corrupted, io_error.
  boost::asio::awaitable<result<std::string>> read(execution::content content);

 private:
  environment::worker& worker_;
  journal::blob_store& blobs_;
};

}  // namespace nine::orchestration
