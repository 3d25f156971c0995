#include "simulation/environment/simulated_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nine::simulation {
namespace {

std::string name_of(const environment::path& file) {
  auto name = file.lexically_normal().string();
  while (name.size() > 1 && name.back() == '/')
    name.pop_back();
  return name;
}

std::string parent_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : name.substr(0, slash);
}

std::string below(const std::string& directory) {
  return directory == "/" ? directory : directory + "/";
}

std::unexpected<error> failure(error_code code, std::string_view action,
                               const environment::path& file, std::string_view why) {
  return fail(code, fmt::format("{} '{}': {}", action, file.string(), why));
}

}  // namespace

simulated_disk::simulated_disk(random_stream random, const faults& plan, wall_source wall)
    : random_(random), faults_(plan), wall_(std::move(wall)) {
  seen_["/"] = synced_["/"] = node{.is_directory = true, .content = {}, .modified = wall_()};
}

result<void> simulated_disk::may_fail(std::string_view action, const path& file) {
  if (!random_.chance(faults_.disk_error)) return {};
  return failure(error_code::io_error, action, file, "Input/output error");
}

result<void> simulated_disk::may_write(std::string_view action, const path& file) {
  NINE_TRY(may_fail(action, file));
  if (!faults_.disk_full) return {};
  return failure(error_code::resource_exhausted, action, file, "No space left on device");
}

result<const simulated_disk::node*> simulated_disk::find_file(std::string_view action,
                                                              const path& file) const {
  const auto found = seen_.find(name_of(file));
  if (found == seen_.end()) {
    return failure(error_code::not_found, action, file, "No such file or directory");
  }
  if (found->second.is_directory) {
    return failure(error_code::io_error, action, file, "Is a directory");
  }
  return &found->second;
}

result<std::string> simulated_disk::read(const path& file, bytes limit) {
  NINE_TRY(may_fail("read", file));
  NINE_TRY_ASSIGN(const node* found, find_file("read", file));
  if (found->content.size() > limit) {
    return failure(error_code::too_large, "read", file,
                   fmt::format("it holds more than {} bytes", limit));
  }
  return found->content;
}

result<std::string> simulated_disk::read_range(const path& file, bytes offset, bytes limit) {
  NINE_TRY(may_fail("read", file));
  NINE_TRY_ASSIGN(const node* found, find_file("read", file));
  if (offset >= found->content.size()) return std::string();
  return found->content.substr(offset, limit);
}

result<void> simulated_disk::write_durably(const path& file, std::string_view content) {
  const auto may = may_write("write", file);
  // The name is changed first and its directory synced then: what fails there is done.
  const bool done = may || (may.error().code == error_code::io_error && random_.chance(0.5));
  if (!done) return may;
  const auto name = name_of(file);
  const auto parent = seen_.find(parent_of(name));
  if (parent == seen_.end() || !parent->second.is_directory) {
    return failure(error_code::not_found, "write", file, "No such file or directory");
  }
  if (const auto found = seen_.find(name); found != seen_.end() && found->second.is_directory) {
    return failure(error_code::io_error, "write", file, "Is a directory");
  }
  seen_[name] = node{false, std::string(content), wall_(), true};
  if (!may) return may;
  synced_[name] = seen_[name];
  sync_parents(name);
  return {};
}

void simulated_disk::sync_parents(const std::string& name) {
  for (auto parent = parent_of(name); !synced_.contains(parent); parent = parent_of(parent)) {
    synced_[parent] = seen_[parent];
  }
}

/// Every new directory is synced into its parent, as the real one does.
result<void> simulated_disk::make_directory(const path& directory) {
  const auto name = name_of(directory);
  if (const auto found = seen_.find(name); found != seen_.end()) {
    if (found->second.is_directory) return {};
    return failure(error_code::already_exists, "make directory", directory, "a file is in the way");
  }
  NINE_TRY(may_write("make directory", directory));
  if (name != "/") NINE_TRY(make_directory(parent_of(name)));
  seen_[name] = synced_[name] = node{true, {}, wall_()};
  return {};
}

result<std::vector<std::string>> simulated_disk::list(const path& directory) {
  NINE_TRY(may_fail("list", directory));
  const auto name = name_of(directory);
  const auto found = seen_.find(name);
  if (found == seen_.end() || !found->second.is_directory) {
    return failure(error_code::not_found, "list", directory, "No such file or directory");
  }
  std::vector<std::string> names;
  const auto prefix = below(name);
  for (auto each = seen_.lower_bound(prefix); each != seen_.end(); ++each) {
    if (!each->first.starts_with(prefix)) break;
    auto rest = each->first.substr(prefix.size());
    if (!rest.empty() && !rest.contains('/')) names.push_back(std::move(rest));
  }
  std::ranges::sort(names);
  return names;
}

result<environment::file_information> simulated_disk::information(const path& file) {
  NINE_TRY(may_fail("look at", file));
  const auto found = seen_.find(name_of(file));
  if (found == seen_.end()) {
    return failure(error_code::not_found, "look at", file, "No such file or directory");
  }
  environment::file_information told;
  told.is_directory = found->second.is_directory;
  told.is_private = true;
  told.size = found->second.content.size();
  told.modified = found->second.modified;
  return told;
}

result<void> simulated_disk::remove(const path& file) {
  NINE_TRY(may_fail("remove", file));
  const auto name = name_of(file);
  const auto prefix = below(name);
  std::erase_if(seen_, [&](const auto& each) {
    return each.first == name || each.first.starts_with(prefix);
  });
  return {};
}

result<void> simulated_disk::append(const path& file, std::string_view text) {
  if (faults_.disk_full) {
    return failure(error_code::resource_exhausted, "write", file, "No space left on device");
  }
  NINE_TRY(make_entry(file));
  auto& changed = seen_[name_of(file)];
  changed.content += text;
  changed.whole = false;
  changed.modified = wall_();
  return {};
}

result<void> simulated_disk::make_entry(const path& file) {
  const auto name = name_of(file);
  if (!seen_.contains(parent_of(name))) {
    return failure(error_code::not_found, "create", file, "No such file or directory");
  }
  seen_.try_emplace(name, node{false, {}, wall_()});
  return {};
}

bool simulated_disk::exists(const path& file) const {
  return seen_.contains(name_of(file));
}

std::string simulated_disk::content(const path& file) const {
  const auto found = seen_.find(name_of(file));
  return found == seen_.end() ? std::string() : found->second.content;
}

void simulated_disk::crash() {
  const tree before = std::exchange(seen_, synced_);
  std::set<std::string> names;
  for (const auto& [name, ignored] : before)
    names.insert(name);
  for (const auto& [name, ignored] : synced_)
    names.insert(name);
  for (const auto& name : names)
    keep_or_lose(name, before);
  synced_ = seen_;
}

/// Sorted names put a directory before what it holds, so that nothing survives without its parent.
void simulated_disk::keep_or_lose(const std::string& name, const tree& before) {
  const auto newer = before.find(name);
  const auto older = synced_.find(name);
  const bool same =
      newer != before.end() && older != synced_.end() && newer->second == older->second;
  if (name != "/" && !seen_.contains(parent_of(name))) {
    seen_.erase(name);
  } else if (!same && random_.chance(0.5)) {
    if (newer == before.end()) {
      seen_.erase(name);
      return;
    }
    auto kept = newer->second;
    const auto safe = older == synced_.end() ? 0 : older->second.content.size();
    if (!kept.whole && kept.content.size() > safe) {
      kept.content.resize(safe + random_.below(kept.content.size() - safe + 1));
    }
    seen_[name] = std::move(kept);
  }
}

}  // namespace nine::simulation
