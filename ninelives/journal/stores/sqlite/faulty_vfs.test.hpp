#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <new>
#include <string>
#include <vector>

/// A layer under SQLite that lets the n-th write, truncation or sync fail, or all from then on, and
/// knows what a power cut would leave of the files. One at a time.
namespace nine::journal::stores::sqlite::testing {

struct vfs_fault {
  int fail_at = 0;  ///< counted from 1; 0: never
  int code_of_write = SQLITE_IOERR_WRITE;
  bool for_good = false;  ///< all that follow fail, too
  int operations = 0;
  std::int64_t bytes_written = 0;

  bool strikes() {
    ++operations;
    return operations == fail_at || (for_good && fail_at > 0 && operations > fail_at);
  }
};
inline vfs_fault the_fault;

/// A file as it is after its last sync, and what was done to it since.
class durable_file {
 public:
  void begin_with(std::string content) { synced_ = std::move(content); }
  void write(const void* from, int size, std::int64_t at) {
    since_.push_back({at, std::string(static_cast<const char*>(from), static_cast<size_t>(size))});
  }
  void truncate(std::int64_t size) { since_.push_back({size, "", true}); }
  void sync() {
    for (const auto& one : since_)
      apply(one, one.bytes.size(), synced_);
    since_.clear();
    ++syncs_;
  }
  int syncs() const { return syncs_; }
  /// `part_of` tells how much of a write of so many bytes has reached the disk.
  std::string after_power_cut(const std::function<std::size_t(std::size_t)>& part_of) const {
    auto content = synced_;
    for (const auto& one : since_)
      apply(one, one.truncation ? 0 : part_of(one.bytes.size()), content);
    return content;
  }

 private:
  struct change {
    std::int64_t at;
    std::string bytes;
    bool truncation = false;
  };
  static void apply(const change& one, std::size_t size, std::string& content) {
    const auto at = static_cast<std::size_t>(one.at);
    if (one.truncation) return content.resize(std::min(content.size(), at));
    if (size == 0) return;
    content.resize(std::max(content.size(), at + size));
    content.replace(at, size, one.bytes, 0, size);
  }

  std::string synced_;
  std::vector<change> since_;
  int syncs_ = 0;
};

/// Every database and log that was opened through the layer since begin().
class durable_disk {
 public:
  void begin() { files_.clear(); }
  durable_file* opened(const char* name) {
    const auto [place, is_new] = files_.try_emplace(name);
    if (is_new) {
      std::ifstream in(name, std::ios::binary);
      place->second.begin_with({std::istreambuf_iterator<char>(in), {}});
    }
    return &place->second;
  }
  const durable_file& file(const std::string& name) { return files_[name]; }

  /// Leaves what a power cut would leave. Nothing may be open. May be done again, otherwise.
  void lose_power(const std::function<std::size_t(std::size_t)>& part_of) const {
    for (const auto& [name, file] : files_) {
      std::filesystem::remove(name + "-shm");
      std::filesystem::remove(name + "-journal");
      const auto content = file.after_power_cut(part_of);
      std::ofstream(name, std::ios::binary | std::ios::trunc) << content;
    }
  }

 private:
  std::map<std::string, durable_file> files_;
};
inline durable_disk the_disk;

inline std::size_t nothing_of(std::size_t) {
  return 0;
}
inline std::size_t all_of(std::size_t size) {
  return size;
}

struct layered_file {
  sqlite3_file base;
  durable_file* disk;  ///< null: a file that need not survive
  sqlite3_file* under() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

inline sqlite3_file* under(sqlite3_file* file) {
  return reinterpret_cast<layered_file*>(file)->under();
}

inline durable_file* disk_of(sqlite3_file* file) {
  return reinterpret_cast<layered_file*>(file)->disk;
}

inline const sqlite3_io_methods& layered_methods() {
  static const sqlite3_io_methods methods = [] {
    sqlite3_io_methods m{};
    m.iVersion = 2;
    m.xClose = [](sqlite3_file* f) { return under(f)->pMethods->xClose(under(f)); };
    m.xRead = [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
      return under(f)->pMethods->xRead(under(f), to, size, at);
    };
    m.xWrite = [](sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
      if (the_fault.strikes()) return the_fault.code_of_write;
      the_fault.bytes_written += size;
      if (auto* disk = disk_of(f)) disk->write(from, size, at);
      return under(f)->pMethods->xWrite(under(f), from, size, at);
    };
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
      if (the_fault.strikes()) return SQLITE_IOERR_TRUNCATE;
      if (auto* disk = disk_of(f)) disk->truncate(size);
      return under(f)->pMethods->xTruncate(under(f), size);
    };
    m.xSync = [](sqlite3_file* f, int flags) {
      if (the_fault.strikes()) return SQLITE_IOERR_FSYNC;
      if (auto* disk = disk_of(f)) disk->sync();
      return under(f)->pMethods->xSync(under(f), flags);
    };
    m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
      return under(f)->pMethods->xFileSize(under(f), size);
    };
    m.xLock = [](sqlite3_file* f, int level) { return under(f)->pMethods->xLock(under(f), level); };
    m.xUnlock = [](sqlite3_file* f, int level) {
      return under(f)->pMethods->xUnlock(under(f), level);
    };
    m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
      return under(f)->pMethods->xCheckReservedLock(under(f), out);
    };
    m.xFileControl = [](sqlite3_file* f, int operation, void* argument) {
      return under(f)->pMethods->xFileControl(under(f), operation, argument);
    };
    m.xSectorSize = [](sqlite3_file* f) { return under(f)->pMethods->xSectorSize(under(f)); };
    m.xDeviceCharacteristics = [](sqlite3_file* f) {
      return under(f)->pMethods->xDeviceCharacteristics(under(f));
    };
    m.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return under(f)->pMethods->xShmMap(under(f), page, size, extend, out);
    };
    m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
      return under(f)->pMethods->xShmLock(under(f), offset, n, flags);
    };
    m.xShmBarrier = [](sqlite3_file* f) { under(f)->pMethods->xShmBarrier(under(f)); };
    m.xShmUnmap = [](sqlite3_file* f, int remove) {
      return under(f)->pMethods->xShmUnmap(under(f), remove);
    };
    return m;
  }();
  return methods;
}

/// Registers the layer and returns its name.
inline const char* layered_vfs() {
  static sqlite3_vfs* const system = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs layer = [] {
    sqlite3_vfs copy = *system;
    copy.zName = "nine_layered";
    copy.szOsFile = static_cast<int>(sizeof(layered_file)) + system->szOsFile;
    copy.xOpen = [](sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
      const bool survives = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
      reinterpret_cast<layered_file*>(file)->disk = survives ? the_disk.opened(name) : nullptr;
      const int outcome = system->xOpen(system, name, under(file), flags, out);
      file->pMethods = under(file)->pMethods != nullptr ? &layered_methods() : nullptr;
      return outcome;
    };
    return copy;
  }();
  static const int registered = sqlite3_vfs_register(&layer, 0);
  return registered == SQLITE_OK ? layer.zName : nullptr;
}

}  // namespace nine::journal::stores::sqlite::testing
