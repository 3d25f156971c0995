#include "ninelives/environment/real/real_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "ninelives/environment/real/system/descriptor.hpp"
#include "ninelives/environment/real/system_error.hpp"

namespace nine::environment {
namespace {

constexpr bytes unlimited = std::numeric_limits<bytes>::max();

std::string quoted(std::string_view action, const path& file) {
  return std::string(action) + " '" + file.string() + "'";
}

/// O_NONBLOCK: opening a fifo that somebody put there must not hang.
result<system::descriptor> open_for_reading(const path& file) {
  system::descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened) return system_failure(errno, quoted("open", file));
  return opened;
}

/// Up to `limit` bytes from where `source` stands (offset < 0) or from `offset`. By reading until
/// the end, not by size: files in /proc have none.
result<std::string> read_up_to(const system::descriptor& source, const path& file, off_t offset,
                               bytes limit) {
  std::string content;
  constexpr std::size_t block = 64 * KiB;
  while (content.size() < limit) {
    const auto filled = content.size();
    const auto wanted = std::min<bytes>(block, limit - filled);
    content.resize(filled + wanted);
    const auto got =
        ::pread(source.get(), content.data() + filled, wanted, offset + static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) {
      content.resize(filled);
      continue;
    }
    if (got < 0) return system_failure(errno, quoted("read", file));
    content.resize(filled + static_cast<std::size_t>(got));
    if (got == 0) break;
  }
  return content;
}

result<void> write_all(const system::descriptor& target, const path& file,
                       std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(target.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_failure(errno, quoted("write", file));
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

path directory_of(const path& file) {
  return file.has_parent_path() ? file.parent_path() : path(".");
}

result<void> sync_directory(const path& directory) {
  const system::descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) {
    return system_failure(errno, quoted("sync directory", directory));
  }
  return {};
}

result<void> write_and_sync(const path& temporary, const path& file, std::string_view content) {
  const system::descriptor opened(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!opened) return system_failure(errno, quoted("create a file beside", file));
  NINE_TRY(write_all(opened, file, content));
  if (::fsync(opened.get()) != 0) return system_failure(errno, quoted("sync", file));
  return {};
}

result<void> make_one_directory(const path& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) return sync_directory(directory_of(directory));
  const int problem = errno;
  struct stat found{};
  if (::stat(directory.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) return {};
    return fail(error_code::already_exists,
                quoted("make directory", directory) + ": a file of this name is in the way");
  }
  return system_failure(problem, quoted("make directory", directory));
}

}  // namespace

result<std::string> real_files::read(const path& file, bytes limit) {
  NINE_TRY_ASSIGN(const auto source, open_for_reading(file));
  NINE_TRY_ASSIGN(auto content, read_up_to(source, file, 0, std::min(limit, unlimited - 1) + 1));
  if (content.size() > limit) {
    return fail(error_code::too_large,
                quoted("read", file) + ": it holds more than " + std::to_string(limit) + " bytes");
  }
  return content;
}

result<std::string> real_files::read_range(const path& file, bytes offset, bytes limit) {
  NINE_TRY_ASSIGN(const auto source, open_for_reading(file));
  return read_up_to(source, file, static_cast<off_t>(offset), limit);
}

path real_files::temporary_beside(const path& file) {
  std::string name(unfinished_prefix);
  name += std::to_string(::getpid()) + "-" + std::to_string(temporaries_.fetch_add(1));
  return directory_of(file) / name.append(unfinished_suffix);
}

result<void> real_files::write_durably(const path& file, std::string_view content) {
  // A name may be left over from an earlier process with our pid; then the next one is taken.
  constexpr int names_tried_most = 1000;
  path temporary = temporary_beside(file);
  auto written = write_and_sync(temporary, file, content);
  for (int tried = 1;
       tried < names_tried_most && !written && written.error().code == error_code::already_exists;
       ++tried) {
    temporary = temporary_beside(file);
    written = write_and_sync(temporary, file, content);
  }
  if (written && ::rename(temporary.c_str(), file.c_str()) != 0) {
    written = system_failure(errno, quoted("replace", file));
  }
  if (!written) {
    if (written.error().code != error_code::already_exists) ::unlink(temporary.c_str());
    return written;
  }
  return sync_directory(directory_of(file));
}

result<void> real_files::make_directory(const path& directory) {
  path so_far;
  for (const auto& part : directory) {
    so_far /= part;
    if (so_far == so_far.root_path() || part.empty()) continue;
    NINE_TRY(make_one_directory(so_far));
  }
  return {};
}

result<std::vector<std::string>> real_files::list(const path& directory) {
  std::vector<std::string> names;
  std::error_code problem;
  std::filesystem::directory_iterator entry(directory, problem);
  for (const std::filesystem::directory_iterator end; !problem && entry != end;
       entry.increment(problem)) {
    if (names.size() == names_most) {
      return fail(error_code::too_large, quoted("list", directory) + ": more than " +
                                             std::to_string(names_most) + " entries");
    }
    names.push_back(entry->path().filename().string());
  }
  if (problem) return system_failure(problem.value(), quoted("list", directory));
  std::ranges::sort(names);
  return names;
}

result<file_information> real_files::information(const path& file) {
  struct stat found{};
  if (::stat(file.c_str(), &found) != 0) return system_failure(errno, quoted("look at", file));
  struct stat entry{};
  const bool no_link = ::lstat(file.c_str(), &entry) == 0 && !S_ISLNK(entry.st_mode);
  return file_information{
      .is_directory = S_ISDIR(found.st_mode),
      .is_private = no_link && entry.st_uid == ::geteuid() && (entry.st_mode & 0077) == 0,
      .size = static_cast<bytes>(found.st_size),
      .modified = wall_time(std::chrono::seconds(found.st_mtim.tv_sec) +
                            std::chrono::nanoseconds(found.st_mtim.tv_nsec)),
  };
}

result<void> real_files::remove(const path& file) {
  // Of a control group the files cannot be removed, but the directory can.
  if (::rmdir(file.c_str()) == 0) return {};
  std::error_code problem;
  std::filesystem::remove_all(file, problem);
  if (problem && problem.value() != ENOENT) {
    return system_failure(problem.value(), quoted("remove", file));
  }
  return {};
}

}  // namespace nine::environment
