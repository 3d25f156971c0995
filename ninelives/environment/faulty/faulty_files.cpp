#include "ninelives/environment/faulty/faulty_files.hpp"

namespace nine::environment {

result<void> faulty_files::meet_fault(std::string_view action, const path& file) {
  if (!plan_.fails()) return {};
  return fail(error_code::io_error,
              std::string(action) + " '" + file.string() + "': injected fault");
}

result<std::string> faulty_files::read(const path& file, bytes limit) {
  NINE_TRY(meet_fault("read", file));
  return real_.read(file, limit);
}

result<std::string> faulty_files::read_range(const path& file, bytes offset, bytes limit) {
  NINE_TRY(meet_fault("read", file));
  NINE_TRY_ASSIGN(auto content, real_.read_range(file, offset, limit));
  if (!content.empty()) content.resize(plan_.part_of(content.size()));
  return content;
}

result<void> faulty_files::write_durably(const path& file, std::string_view content) {
  NINE_TRY(meet_fault("write", file));
  if (plan_.cuts()) {
    return fail(error_code::resource_exhausted,
                "write '" + file.string() + "': injected fault: no space left");
  }
  return real_.write_durably(file, content);
}

result<void> faulty_files::make_directory(const path& directory) {
  NINE_TRY(meet_fault("make directory", directory));
  return real_.make_directory(directory);
}

result<std::vector<std::string>> faulty_files::list(const path& directory) {
  NINE_TRY(meet_fault("list", directory));
  return real_.list(directory);
}

result<file_information> faulty_files::information(const path& file) {
  NINE_TRY(meet_fault("look at", file));
  return real_.information(file);
}

result<void> faulty_files::remove(const path& file) {
  NINE_TRY(meet_fault("remove", file));
  return real_.remove(file);
}

}  // namespace nine::environment
