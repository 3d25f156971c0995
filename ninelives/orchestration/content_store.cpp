#include "ninelives/orchestration/content_store.hpp"

#include "ninelives/base/utf8.hpp"

namespace nine::orchestration {

namespace asio = boost::asio;

asio::awaitable<result<execution::content>> content_store::keep(std::string text) {
  if (text.size() <= execution::content::inline_bytes_most && is_utf8(text))
    co_return execution::content{std::move(text), {}};
  auto put = [this, text = std::move(text)] { return blobs_.put(text); };
  NINE_CO_TRY_ASSIGN(auto digest, co_await environment::run_on(worker_, std::move(put)));
  co_return execution::content{{}, std::move(digest)};
}

asio::awaitable<result<std::string>> content_store::read(execution::content content) {
  if (content.blob.empty()) co_return std::move(content.text);
  auto get = [this, blob = content.blob] { return blobs_.get(blob); };
  co_return co_await environment::run_on(worker_, std::move(get));
}

}  // namespace nine::orchestration
