#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <cstring>
#include <new>

/// A layer under SQLite that lets the n-th write, truncation or sync fail. One at a time.
namespace nine::journal::stores::sqlite::testing {

struct vfs_fault {
  int fail_at = 0;  ///< counted from 1; 0: never
  int code_of_write = SQLITE_IOERR_WRITE;
  int operations = 0;
  std::int64_t bytes_written = 0;

  bool strikes() { return ++operations == fail_at; }
};
inline vfs_fault the_fault;

struct layered_file {
  sqlite3_file base;
  sqlite3_file* under() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

inline sqlite3_file* under(sqlite3_file* file) {
  return reinterpret_cast<layered_file*>(file)->under();
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
      return under(f)->pMethods->xWrite(under(f), from, size, at);
    };
    m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
      if (the_fault.strikes()) return SQLITE_IOERR_TRUNCATE;
      return under(f)->pMethods->xTruncate(under(f), size);
    };
    m.xSync = [](sqlite3_file* f, int flags) {
      if (the_fault.strikes()) return SQLITE_IOERR_FSYNC;
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
