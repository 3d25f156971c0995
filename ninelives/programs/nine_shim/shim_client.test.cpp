#include "ninelives/programs/nine_shim/shim_client.hpp"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "ninelives/base/assert.hpp"
#include "ninelives/environment/real/system/pidfd.hpp"
#include "ninelives/environment/real/system/process_table.hpp"
#include "ninelives/environment/real/system/small_file.hpp"

namespace nine::supervision::shim::testing {

namespace system = environment::system;

namespace {

bool wait_readable(int native) {
  pollfd wanted{native, POLLIN, 0};
  constexpr auto patience = std::chrono::milliseconds(shim_client::patience);
  return ::poll(&wanted, 1, static_cast<int>(patience.count())) == 1;
}

}  // namespace

shim_client::shim_client(const std::string& directory, core_epoch core, std::uint32_t version)
    : stream_(system::unix_stream::connect(directory + "/socket").value()) {
  send(core_hello{version, core});
  auto answer = receive();
  if (auto* refusal_event = std::get_if<refused>(&answer)) {
    refusal = refusal_event->reason;
  } else {
    hello = std::get<shim_hello>(std::move(answer));
  }
}

void shim_client::send(const request& message) {
  auto frame = encode(message);
  while (!frame.empty()) {
    const auto sent = stream_.write_some(frame);
    if (!sent) return;  // closed: the next receive tells
    frame.erase(0, *sent);
  }
}

bool shim_client::wait_for_bytes() {
  NINE_ASSERT(wait_readable(stream_.native_handle()));
  std::array<char, 4096> buffer;
  const auto got = stream_.read_some(buffer);
  if (!got || (*got && **got == 0)) return false;
  if (*got) frames_.feed(std::string_view(buffer.data(), **got));
  return true;
}

event shim_client::receive() {
  for (;;) {
    auto frame = frames_.next();
    NINE_ASSERT(frame);
    if (!frame->empty()) return decode_event(*frame).value();
    NINE_ASSERT(wait_for_bytes());
  }
}

bool shim_client::closed() {
  const auto frame = frames_.next();
  return frame && frame->empty() && !wait_for_bytes();
}

running_shim::running_shim(std::vector<std::string> environment)
    : environment_(std::move(environment)) {
  std::string name = "/tmp/nine-shim-test-XXXXXX";
  NINE_ASSERT(::mkdtemp(name.data()) != nullptr);
  directory_ = name;
  begin();
}

void running_shim::begin() {
  const auto listener = system::unix_listener::bind(directory_ + "/socket").value();
  const std::string program = std::string(NINE_PROGRAM_DIRECTORY) + "/nine-shim";
  environment_.push_back("NINE_SHIM=" + directory_);
  system::spawn_specification what;
  what.arguments = {program.c_str(), directory_.c_str(), "1"};
  for (const auto& entry : environment_)
    what.environment.push_back(entry.c_str());
  what.descriptors = {0, 1, 2, listener.native_handle()};
  auto born = system::spawn_process(what);
  NINE_ASSERT(born);
  identity_ = system::identify(born->pid).value();
  pidfd_ = std::move(born->pidfd);
  reaped_ = false;
}

running_shim::~running_shim() {
  if (!reaped_) {
    kill(SIGTERM);
    wait();
  }
  const auto marked = system::find_marked("NINE_CHILD=" + directory_);
  for (const auto& left : marked.value_or(std::vector<environment::process_identity>())) {
    if (const auto handle = system::pidfd::open(left)) (void)handle->send_signal(SIGKILL);
  }
  remove_cgroup();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

/// A shim that was killed leaves its group behind; in a home the core removes it.
void running_shim::remove_cgroup() const {
  const auto group = file(std::string(cgroup_file));
  if (!group.starts_with('/')) return;
  const auto deadline = std::chrono::steady_clock::now() + shim_client::patience;
  while (::rmdir(group.c_str()) != 0 && errno == EBUSY &&
         std::chrono::steady_clock::now() < deadline)
    continue;  // what was killed takes a moment to die
}

start running_shim::script(std::int64_t incarnation, const std::string& text) const {
  start message;
  message.incarnation = epoch(incarnation);
  message.supersedes = epoch(incarnation - 1);
  message.arguments = {"sh", "-c", text};
  message.environment = {"PATH=/usr/bin:/bin", "NINE_CHILD=" + directory_};
  message.directory = directory_;
  message.stdout_file = directory_ + "/out";
  message.stderr_file = directory_ + "/err";
  return message;
}

std::string running_shim::file(const std::string& name) const {
  return system::read_file(directory_ + "/" + name, GiB).value_or("(no file)");
}

void running_shim::kill(int signal_number) const {
  ::kill(identity_.pid, signal_number);
}

environment::exit_status running_shim::wait() {
  NINE_ASSERT(wait_readable(pidfd_.get()));
  reaped_ = true;
  return system::reap(pidfd_.get()).value();
}

}  // namespace nine::supervision::shim::testing
