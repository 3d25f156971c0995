#include "ninelives/journal/stores/sqlite/examination.hpp"

#include "ninelives/base/units.hpp"
#include "ninelives/journal/stores/sqlite/connection.hpp"
#include "ninelives/journal/stores/sqlite/schema.hpp"

namespace nine::journal::stores {
namespace {

constexpr std::int64_t looked_through_bytes_most = 256 * MiB;

result<void> check_pages(sqlite::connection& database) {
  NINE_TRY_ASSIGN(const std::int64_t size,
                  database.integer("SELECT page_count * page_size FROM pragma_page_count, "
                                   "pragma_page_size"));
  if (size > looked_through_bytes_most) return {};
  NINE_TRY_ASSIGN(auto check, database.prepare("PRAGMA quick_check(1)"));
  NINE_TRY_ASSIGN(const bool row, check.step());
  const std::string told(row ? check.blob(0) : "");
  check.reset();
  if (told == "ok") return {};
  return fail(error_code::corrupted, "the database is damaged: " + told);
}

}  // namespace

result<void> examine(environment::files& files, const std::filesystem::path& journal) {
  NINE_TRY(files.information(journal));
  NINE_TRY_ASSIGN(auto database, sqlite::connection::open(journal.string(),
                                                          sqlite::connection::mode::read_only, ""));
  NINE_TRY(sqlite::check_known(database));
  return check_pages(database);
}

}  // namespace nine::journal::stores
