"""The seams: only ninelives/environment/real names clocks, sleeps, chance, sockets, files, processes,
threads and environment variables. Everything else gets them by constructor, which is what lets the
simulation run the real code; a stray timer would compile and silently use real time there.
"""

from dataclasses import dataclass, replace
import re

from checks.tree import Finding, line_of

OWNER = "ninelives/environment/real/"
# A composition root makes the event loop and names the real environment.
PROGRAMS = "ninelives/programs/"
RUNNER = "simulation/runner/"


@dataclass(frozen=True)
class Rule:
    """`names` wherever they stand; `calls` as free functions; `ambiguous` as calls that only count
    when written ::name(, std::name( or, unqualified, where the module declares no such function and
    the file no such variable."""

    subject: str
    instead: str
    names: str = ""
    calls: str = ""
    ambiguous: str = ""
    headers: str = ""


RULES = {
    "sleep": Rule(
        "sleep or timer", "use environment::clock::sleep_until()",
        names=r"this_thread steady_timer system_timer high_resolution_timer basic_waitable_timer"
              r" deadline_timer timerfd_create",
        calls=r"usleep nanosleep clock_nanosleep setitimer timer_create sqlite3_sleep",
        ambiguous=r"sleep alarm",
        headers=r"boost/asio/(steady|system|high_resolution|deadline|basic_waitable)_timer\.hpp"
                r"|sys/timerfd\.h"),
    "wall clock": Rule(
        "clock", "use environment::clock::wall_now()",
        names=r"system_clock utc_clock tai_clock gps_clock file_clock",
        calls=r"gettimeofday timespec_get ftime", ambiguous=r"time"),
    "clock": Rule(
        "clock", "use environment::clock::now()",
        names=r"steady_clock high_resolution_clock", calls=r"clock_gettime",
        ambiguous=r"clock times"),
    "random": Rule(
        "source of chance", "use environment::random",
        names=r"random_device random_generator",
        calls=r"srand getrandom getentropy RAND_bytes RAND_priv_bytes arc4random drand48 lrand48"
              r" mrand48",
        ambiguous=r"rand random", headers=r"sys/random\.h|openssl/rand\.h"),
    "random engine": Rule(
        "random engine", "use environment::random, which the simulation seeds",
        names=r"mt19937 mt19937_64 default_random_engine minstd_rand minstd_rand0 knuth_b"
              r" ranlux24 ranlux48",
        headers=r"random"),
    "socket": Rule(
        "socket", "use environment::network",
        names=r"asio::ip ip::tcp ip::udp ip::icmp ip::address local::stream_protocol local::datagram_protocol local::connect_pair"
              r" stream_descriptor signal_set tcp_stream",
        calls=r"socketpair sendmsg recvmsg getaddrinfo getsockopt setsockopt accept4 epoll_create1"
              r" epoll_ctl epoll_wait epoll_pwait eventfd recvfrom sendto recvmmsg sendmmsg ppoll"
              r" pselect",
        ambiguous=r"socket connect bind listen accept send recv shutdown poll select",
        headers=r"boost/asio/ip/.*|boost/asio/local/.*|boost/asio/posix/.*"
                r"|boost/asio/signal_set\.hpp|boost/beast/core/tcp_stream\.hpp|sys/socket\.h|sys/un\.h"
                r"|sys/epoll\.h|sys/eventfd\.h|poll\.h|netdb\.h|netinet/.*|arpa/.*"),
    "file": Rule(
        "file access", "use environment::files",
        names=r"ifstream ofstream fstream directory_iterator recursive_directory_iterator"
              r" O_RDONLY O_WRONLY O_RDWR O_CREAT stream_file random_access_file YAML::LoadFile"
              r" std::cin",
        calls=r"fopen freopen fdopen tmpfile openat creat unlink unlinkat renameat renameat2 mkdir"
              r" mkdirat rmdir mkdtemp mkstemp fsync fdatasync ftruncate pread pwrite readv writev"
              r" preadv pwritev opendir readdir chdir fchdir umask"
              r" lstat fstat fstatat chmod chown symlink readlink flock inotify_init1 sendfile",
        ambiguous=r"open close read write rename link stat access truncate pipe pipe2 dup dup2 fcntl"
                  r" ioctl mmap lseek",
        headers=r"fstream|fcntl\.h|dirent\.h|sys/stat\.h|sys/file\.h|sys/mman\.h|sys/inotify\.h"
                r"|sys/statvfs\.h|sys/ioctl\.h|sys/uio\.h|boost/asio/(stream|random_access)_file\.hpp"),
    "process": Rule(
        "process", "use environment::processes",
        names=r"boost::process",
        calls=r"fork vfork clone3 execv execve execvp execvpe execl execle execlp posix_spawn"
              r" posix_spawnp waitpid waitid wait4 getpid getppid gettid setsid setpgid killpg popen"
              r" prctl sigaction sigprocmask pthread_sigmask signalfd pidfd_open pidfd_send_signal"
              r" setrlimit getrlimit getrusage getuid geteuid getgid getegid _exit _Exit quick_exit"
              r" tgkill sigqueue sigtimedwait sched_yield",
        ambiguous=r"kill clone system signal raise wait syscall daemon",
        headers=r"boost/process.*|spawn\.h|sys/wait\.h|sys/prctl\.h|sys/resource\.h|sys/signalfd\.h"
                r"|signal\.h|unistd\.h|sys/syscall\.h|sched\.h|linux/.*"),
    "thread": Rule(
        "thread or lock", "use environment::worker; a driver runs on one executor and needs no lock",
        names=r"std::thread std::jthread std::mutex std::timed_mutex std::recursive_mutex"
              r" std::shared_mutex std::condition_variable std::condition_variable_any std::lock_guard"
              r" std::unique_lock std::scoped_lock std::shared_lock std::call_once std::once_flag"
              r" std::async std::promise std::future std::counting_semaphore std::binary_semaphore"
              r" std::latch std::barrier atomic_wait thread_pool",
        calls=r"pthread_create pthread_mutex_lock pthread_mutex_unlock",
        headers=r"thread|mutex|shared_mutex|condition_variable|semaphore|latch|barrier|future"
                r"|pthread\.h|boost/asio/thread_pool\.hpp|boost/thread.*"),
    "environment variable": Rule(
        "environment variable", "read it in the composition root and pass the value in",
        names=r"environ", calls=r"getenv secure_getenv setenv unsetenv putenv"),
}

_FILESYSTEM = (
    "absolute canonical weakly_canonical relative proximate copy copy_file copy_symlink"
    " create_directory create_directories create_hard_link create_symlink current_path equivalent"
    " exists file_size hard_link_count is_block_file is_directory is_empty is_regular_file is_symlink"
    " is_socket last_write_time permissions read_symlink remove remove_all rename resize_file space"
    " status symlink_status temp_directory_path").split()
# Found without their namespace, too: the argument, a path, names it.
_FILESYSTEM_UNQUALIFIED = [name for name in _FILESYSTEM if name not in (
    "absolute copy equivalent permissions relative proximate remove rename space status").split()]
_FILESYSTEM_ALIAS = (r"\bnamespace\s+(\w+)\s*=\s*(?:::)?(?:std::)?filesystem\s*;"
                     r"|\busing\s+namespace\s+(?:::)?(?:std::)?(filesystem)\s*;"
                     r"|\busing\s+(?:::)?(?:std::)?filesystem::(" + "|".join(_FILESYSTEM) + r")\s*;")
_EVENT_LOOP = Rule("event loop", "take an any_io_executor; only a composition root makes the loop",
                   names=r"io_context system_executor system_context",
                   headers=r"boost/asio/(io_context|system_executor|system_context)\.hpp")
# Without an executor in front, these run their work on a thread of Asio's own.
_NO_EXECUTOR = r"\basio\s*::\s*(post|dispatch|defer)\s*\(\s*\["
_ATOMIC = r"\batomic(?:_\w+|\s*<[^;{}=]*>)\s+(\w+)"
# To do nothing for a while is to sleep, by whatever name.
_IDLE = (r"(?<![\w.>])(poll)\s*\(\s*(?:nullptr|NULL|0)\s*,|(?<![\w.>])(select)\s*\(\s*0\s*,"
         r"|\b(system)\s*\(\s*\"[^\"]*\bsleep\b")
# Whose very work is to let time pass: the one loop that looks again, kills at random moments, rests
# between rounds, a pause that must be seen.
MAY_IDLE = ("drill/home.cpp", "drill/storm.test.cpp", "benchmarks/fleet.cpp",
            "benchmarks/janitor.cpp", "benchmarks/restart.cpp", "benchmarks/rounds.cpp",
            "benchmarks/durable_step.cpp", OWNER + "real_process_facts.test.cpp")
_SIGNAL = Rule("signal", "use send_signal(), which refuses what is no process", ambiguous=r"kill",
               calls=r"killpg")

PRODUCT = list(RULES)
TESTS = ["sleep", "wall clock", "random"]
REAL_TESTS = ["sleep"]
APART = ["sleep", "wall clock"]  # programs that try or measure the finished ones
# What plays in virtual time touches nothing real; the runner starts processes and takes the time.
# The simulated sockets, files and processes have methods with the names of system calls.
SIMULATION_RUNNER = ["sleep", "random"]
SIMULATION = ["sleep", "wall clock", "clock", "random", "thread", "environment variable",
              "simulated socket", "simulated file", "simulated process"]
RULES |= {
    "simulated socket": replace(RULES["socket"], ambiguous=""),
    "simulated file": replace(RULES["file"], ambiguous=""),
    "simulated process": replace(RULES["process"], calls="", ambiguous="",
                                 headers=RULES["process"].headers.replace(r"|signal\.h", "")),
}

# A name in front of a call: after one of these it is a call, after any other it is a declaration.
_NOT_A_TYPE = {"return", "co_return", "co_await", "co_yield", "else", "do", "case", "throw", "not",
               "and", "or", "in"}


def rules_for(file):
    """Names of the rules that hold in this file."""
    if not file.is_cpp:
        return []
    if file.name.startswith(OWNER):
        return REAL_TESTS if file.is_test else []
    if file.name.startswith("ninelives/"):
        if file.stands_apart:
            return APART
        return TESTS if file.is_test else PRODUCT
    if file.name.startswith("simulation/"):
        return SIMULATION_RUNNER if file.name.startswith(RUNNER) else SIMULATION
    if file.name.startswith(("drill/", "benchmarks/", "fuzz/")):
        return APART
    return []


def check(files):
    declared = {}
    findings = []
    for file in files:
        names = rules_for(file)
        if not names:
            continue
        if file.folder not in declared:
            siblings = [one for one in files if one.folder == file.folder and one.is_cpp]
            declared[file.folder] = set().union(*(_declared_functions(one) for one in siblings))
        if names is APART and file.name in MAY_IDLE:
            names = [name for name in names if name != "sleep"]
        for name in names:
            findings += _apply(RULES[name], file, declared[file.folder])
        if "file" in names:
            findings += _check_filesystem(file, declared[file.folder])
        if "thread" in names:
            findings += _check_atomics(file)
        if names is SIMULATION or names is PRODUCT and not file.name.startswith(PROGRAMS):
            findings += _apply(_EVENT_LOOP, file, declared[file.folder])
            findings += _check_pattern(_NO_EXECUTOR, _EVENT_LOOP, file)
        if names is not PRODUCT and file.name not in MAY_IDLE:
            findings += _check_pattern(_IDLE, RULES["sleep"], file)
        if file.name.startswith("drill/") and file.name != "drill/program.cpp":
            findings += _apply(_SIGNAL, file, set())
    return sorted(set(findings))


def _finding(file, offset, rule, what):
    return Finding(file.name, line_of(file.code, offset), f"{rule.subject} '{what}'", rule.instead)


def _apply(rule, file, own_functions):
    for line, path, quoted in file.includes:
        if not quoted and rule.headers and re.fullmatch(rule.headers, path):
            yield Finding(file.name, line, f"{rule.subject} <{path}>", rule.instead)
    code = file.code
    if rule.names:
        for match in re.finditer(_any_of(rule.names), code):
            if not _in_include(code, match.start()):
                yield _finding(file, match.start(), rule, match.group())
    for match in _named(f"{rule.calls} {rule.ambiguous}".strip(), code):
        yield _finding(file, match.start(1), rule, match.group(1))
    for match in _calls(rule.calls, code):
        yield _finding(file, match.start(), rule, match.group(1))
    for match in _calls(rule.ambiguous, code):
        qualified = code[:match.start()].rstrip().endswith("::")
        if qualified or not (match.group(1) in own_functions or _is_variable(match.group(1), code)):
            yield _finding(file, match.start(), rule, match.group(1))


def _named(words, code):
    """System calls that are named with :: and not called: `&::open`, `auto f = ::kill`."""
    if not words:
        return
    for match in re.finditer(r"(?<![\w>])::\s*(" + "|".join(words.split()) + r")\b(?!\s*(?:\(|::))",
                             code):
        yield match


def _any_of(words):
    return r"(?<![\w])(?:" + "|".join(re.escape(word) for word in words.split()) + r")(?!\w)"


def _in_include(code, offset):
    start = code.rfind("\n", 0, offset) + 1
    return code[start:offset].lstrip().startswith("#")


def _calls(words, code):
    """Calls of a free function by one of these names: plain, ::name( or std::name(."""
    if not words:
        return
    for match in re.finditer(r"(?<!\w)(" + "|".join(words.split()) + r")\s*\(", code):
        before = code[max(0, match.start() - 200):match.start()].rstrip()
        if before.endswith("::"):
            qualifier = re.search(r"(\w*)\s*::$", before).group(1)
            if qualifier in ("", "std") or qualifier in _NOT_A_TYPE:
                yield match
        elif before.endswith((".", "->")) or _is_declaration(before):
            continue
        else:
            yield match


def _is_variable(name, code):
    """Whether the name stands alone somewhere: a lambda, a captured or given function object."""
    return bool(re.search(r"(?<![\w.:>])" + name + r"\s*[=,;)\]]", code))


def _is_declaration(before):
    """Whether a type stands in front of the name: `result<void> open(`, `void* open(`."""
    word = re.search(r"(\w+)$", before)
    if word:
        return word.group(1) not in _NOT_A_TYPE and not word.group(1).isdigit()
    # `a && open(` and `a * open(` are calls; types end in one & or * that clings to a word, or in >.
    return bool(re.search(r"[\w>][&*>~]$|~$", before)) and not before.endswith(("&&", "->"))


def _declared_functions(file):
    """Names that a type stands in front of: functions and methods this file declares."""
    found = set()
    for match in re.finditer(r"(?<!\w)([a-z_]\w*)\s*\(", file.code):
        before = file.code[max(0, match.start() - 200):match.start()].rstrip()
        if _is_declaration(before) or re.search(r"[\w>]&&$", before):
            found.add(match.group(1))
    return found


def _check_filesystem(file, own_functions):
    rule = RULES["file"]
    pattern = r"\b(?:filesystem|fs)\s*::\s*(" + "|".join(_FILESYSTEM) + r")\s*\("
    for match in re.finditer(pattern, file.code):
        yield _finding(file, match.start(1), rule, "std::filesystem::" + match.group(1))
    for match in re.finditer(_FILESYSTEM_ALIAS, file.code):
        yield _finding(file, match.start(), rule, " ".join(match.group().split()))
    for match in _calls(" ".join(_FILESYSTEM_UNQUALIFIED), file.code):
        name = match.group(1)
        if not (name in own_functions or _is_variable(name, file.code)):
            yield _finding(file, match.start(), rule, name)
    for match in re.finditer(r"(?<![\w>])(?:std\s*)?::\s*remove\s*\(", file.code):
        if "," not in _top_level(file.code, match.end()):  # with more it is the algorithm
            yield _finding(file, match.start(), rule, "std::remove")


def _top_level(code, begin):
    """What stands in the parenthesis opened before `begin`, without what stands in others in it."""
    depth, kept = 1, []
    for character in code[begin:begin + 2000]:
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            break
        if depth == 1:
            kept.append(character)
    return "".join(kept)


def _check_atomics(file):
    for declared in re.finditer(_ATOMIC, file.code):
        pattern = r"\b" + declared.group(1) + r"\s*\.\s*(wait|notify_one|notify_all)\s*\("
        for match in re.finditer(pattern, file.code):
            yield _finding(file, match.start(), RULES["thread"], "atomic " + match.group(1))


def _check_pattern(pattern, rule, file):
    for match in re.finditer(pattern, file.code_with_strings):
        yield _finding(file, match.start(), rule, next(filter(None, match.groups())))
