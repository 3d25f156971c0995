"""Each rule of tools/check.py shown to fire and not to fire, on small trees in a temporary folder."""

from pathlib import Path
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from checks import excerpts, floors, seams, settings, sizes, style  # noqa: E402
from checks.tree import list_files, without_comments  # noqa: E402
import requirements  # noqa: E402

MODULES = """
nine_module(base FLOOR 0)
nine_module(environment FLOOR 1 ASIO DEPENDS base)
nine_module(environment/real FLOOR 2 DEPENDS base environment)
nine_module(journal FLOOR 3 ASIO THREADED DEPENDS base environment  # a note
            LIBRARIES SQLite::SQLite3 TEST_DEPENDS environment/real)
nine_program(nine programs/nine FLOOR 8 DEPENDS base environment/real journal)
"""


class fixture(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = Path(directory.name)
        self.write("ninelives/CMakeLists.txt", MODULES)
        self.write("ninelives/base/result.hpp", "#pragma once\n")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def find(self, check):
        return [str(finding) for finding in check(list_files(self.root))]

    def assert_one(self, findings, *parts):
        self.assertEqual(len(findings), 1, findings)
        for part in parts:
            self.assertIn(part, findings[0])


class floors_test(fixture):
    def test_a_house_in_order_has_no_findings(self):
        self.write("ninelives/journal/store.hpp",
                   '#pragma once\n#include "ninelives/base/result.hpp"\n#include <vector>\n')
        self.write("ninelives/journal/store.cpp", '#include "ninelives/journal/store.hpp"\n')
        self.assertEqual(self.find(floors.check), [])

    def test_an_include_that_is_not_named_is_found(self):
        self.write("ninelives/journal/fact.hpp", "#pragma once\n")
        self.write("ninelives/base/x.cpp", '\n#include "ninelives/journal/fact.hpp"\n')
        self.assert_one(self.find(floors.check), "ninelives/base/x.cpp:2:",
                        "base includes journal", "DEPENDS")

    def test_what_a_named_module_brings_along_does_not_count_as_named(self):
        self.write("ninelives/environment/clock.hpp", "#pragma once\n")
        self.write("ninelives/programs/nine/main.cpp",
                   '#include "ninelives/environment/clock.hpp"\n')
        self.assert_one(self.find(floors.check), "programs/nine includes environment")

    def test_tests_may_include_their_test_depends_and_sources_may_not(self):
        self.write("ninelives/environment/real/files.hpp", "#pragma once\n")
        text = '#include "ninelives/environment/real/files.hpp"\n'
        self.write("ninelives/journal/a.test.cpp", text)
        self.assertEqual(self.find(floors.check), [])
        self.write("ninelives/journal/a.cpp", text)
        self.assert_one(self.find(floors.check), "ninelives/journal/a.cpp:1:")

    def test_fuzz_targets_beside_a_module_include_what_they_like(self):
        self.write("ninelives/environment/real/files.hpp", "#pragma once\n")
        self.write("ninelives/base/a.fuzz.cpp",
                   '#include "ninelives/environment/real/files.hpp"\n')
        self.assertEqual(self.find(floors.check), [])

    def test_a_dependency_on_a_higher_floor_is_found(self):
        self.write("ninelives/CMakeLists.txt",
                   "nine_module(base FLOOR 0 DEPENDS journal)\nnine_module(journal FLOOR 3)\n")
        self.assert_one(self.find(floors.check), "ninelives/CMakeLists.txt:1:",
                        "base (floor 0) depends on journal (floor 3)")

    def test_a_cycle_on_one_floor_is_found(self):
        self.write("ninelives/CMakeLists.txt",
                   "nine_module(base FLOOR 0)\nnine_module(a FLOOR 4 DEPENDS b)\n"
                   "nine_module(b FLOOR 4 DEPENDS a)\n")
        self.assert_one(self.find(floors.check), "a -> b -> a")

    def test_a_dependency_that_is_no_module_is_found(self):
        self.write("ninelives/CMakeLists.txt", "nine_module(base FLOOR 0 DEPENDS bse)\n")
        self.assert_one(self.find(floors.check), "bse, which is no module")

    def test_a_module_without_floor_or_declared_twice_is_found(self):
        self.write("ninelives/CMakeLists.txt", "nine_module(base)\n")
        self.assert_one(self.find(floors.check), "base has no floor")
        self.write("ninelives/CMakeLists.txt", "nine_module(base FLOOR 0)\n" * 2)
        self.assert_one(self.find(floors.check), "base is declared twice")

    def test_a_folder_without_a_line_is_found_once(self):
        self.write("ninelives/new/a.cpp", "")
        self.write("ninelives/new/b.cpp", "")
        self.assert_one(self.find(floors.check), "folder ninelives/new/ has sources")

    def test_an_include_path_that_does_not_exist_is_found(self):
        self.write("ninelives/base/a.cpp", '#include "result.hpp"\n')
        self.assert_one(self.find(floors.check), '"result.hpp" does not exist', "from the root")

    def test_an_include_in_a_comment_does_not_count(self):
        self.write("ninelives/base/a.cpp", '// #include "nothing.hpp"\n/*\n#include "no.hpp"\n*/\n')
        self.assertEqual(self.find(floors.check), [])

    def test_the_product_does_not_include_the_simulation_but_the_simulation_includes_it(self):
        self.write("simulation/clock.hpp", '#pragma once\n#include "ninelives/base/result.hpp"\n')
        self.assertEqual(self.find(floors.check), [])
        self.write("ninelives/base/a.cpp", '#include "simulation/clock.hpp"\n')
        self.assert_one(self.find(floors.check), "outside ninelives/")

    def test_our_headers_are_included_with_quotes(self):
        self.write("ninelives/base/a.cpp", "#include <ninelives/base/result.hpp>\n")
        self.assert_one(self.find(floors.check), "with quotes")


class seams_test(fixture):
    FORBIDDEN = {
        "auto t = std::chrono::steady_clock::now();": "environment::clock::now()",
        "auto t = std::chrono::system_clock::now();": "environment::clock::wall_now()",
        "clock_gettime(CLOCK_MONOTONIC, &now);": "environment::clock::now()",
        "auto t = std::time(nullptr);": "environment::clock::wall_now()",
        "auto t = time(nullptr);": "environment::clock::wall_now()",
        "std::this_thread::sleep_for(1s);": "environment::clock::sleep_until()",
        "asio::steady_timer timer(executor);": "environment::clock::sleep_until()",
        "::sleep(1);": "environment::clock::sleep_until()",
        "std::random_device device;": "environment::random",
        "std::mt19937 engine(7);": "environment::random",
        "int x = rand() % 6;": "environment::random",
        "boost::asio::ip::tcp::socket s(e);": "environment::network",
        "local::stream_protocol::socket s(e);": "environment::network",
        "int s = ::socket(AF_UNIX, SOCK_STREAM, 0);": "environment::network",
        "int s = socket(1, 2, 0);": "environment::network",
        "auto* f = std::fopen(name, flags);": "environment::files",
        "std::ifstream in(name);": "environment::files",
        "if (std::filesystem::exists(name)) return;": "environment::files",
        "fs::create_directories(name);": "environment::files",
        "int d = open(name, O_RDONLY);": "environment::files",
        "return ::open(name, flags);": "environment::files",
        "unlink(name);": "environment::files",
        "std::rename(a, b);": "environment::files",
        "if (fork() == 0) {}": "environment::processes",
        "execv(name, arguments);": "environment::processes",
        "posix_spawn(&pid, name, 0, 0, a, e);": "environment::processes",
        "::kill(pid, 9);": "environment::processes",
        "kill(pid, 9);": "environment::processes",
        "waitpid(pid, &status, 0);": "environment::processes",
        "auto me = getpid();": "environment::processes",
        "std::thread runner(work);": "environment::worker",
        "std::jthread runner(work);": "environment::worker",
        "std::mutex lock;": "environment::worker",
        "std::condition_variable ready;": "environment::worker",
        "std::atomic_wait(&flag, 0);": "environment::worker",
        "auto* home = std::getenv(name);": "composition root",
        "boost::asio::io_context loop;": "any_io_executor",
        "#include <thread>": "environment::worker",
        "#include <sys/socket.h>": "environment::network",
        "#include <unistd.h>": "environment::processes",
        "#include <fstream>": "environment::files",
        "#include <boost/asio/steady_timer.hpp>": "environment::clock",
        "if (exists(directory / name)) return;": "environment::files",
        "remove_all(directory);": "environment::files",
        "using std::filesystem::create_directories;": "environment::files",
        "using namespace std::filesystem;": "environment::files",
        "namespace place = std::filesystem;": "environment::files",
        "std::remove(name);": "environment::files",
        "::remove(name.c_str());": "environment::files",
        "auto f = &::open;": "environment::files",
        "auto f = ::kill;": "environment::processes",
        "auto y = YAML::LoadFile(name);": "environment::files",
        "asio::stream_file f(e);": "environment::files",
        "std::cin >> x;": "environment::files",
        "readv(1, v, 2);": "environment::files",
        "::writev(1, v, 2);": "environment::files",
        "::chdir(p);": "environment::files",
        "::umask(0);": "environment::files",
        "net::ip::tcp::socket s(e);": "environment::network",
        "recvfrom(1, b, 2, 0, 0, 0);": "environment::network",
        "sendto(1, b, 2, 0, 0, 0);": "environment::network",
        "ppoll(&p, 1, 0, 0);": "environment::network",
        "asio::post([] {});": "any_io_executor",
        "asio::system_executor e;": "any_io_executor",
        "asio::system_context c;": "any_io_executor",
        "std::atomic<int> counter; counter.wait(3);": "environment::worker",
        "std::atomic_flag flag; flag.notify_one();": "environment::worker",
        "RAND_priv_bytes(b, 3);": "environment::random",
        "sqlite3_sleep(10);": "environment::clock::sleep_until()",
        "auto me = ::getuid();": "environment::processes",
        "::_exit(1);": "environment::processes",
        "#include <sys/random.h>": "environment::random",
        "#include <openssl/rand.h>": "environment::random",
        "#include <sys/uio.h>": "environment::files",
        "#include <sys/timerfd.h>": "environment::clock",
        "#include <linux/fs.h>": "environment::processes",
    }
    ALLOWED = [
        "// std::chrono::steady_clock::now()",
        "/* fork(); */ int x = 0;",
        'auto text = "call getenv(name) and std::mutex";',
        'auto text = R"x(std::thread "t"; fork())x"; int y = 1\'000;',
        "co_await clock_.sleep_for(1s);",
        "const auto now = clock.now();",
        "auto r = files_.remove(name);",
        "co_await listener->accept();",
        "stream->close();",
        "result<void> open(const path& name);",
        "virtual result<int> connect(const endpoint& remote) = 0;",
        "processes.signal(agent, SIGKILL);",
        "co_await processes.wait(agent);",
        "auto store = sqlite_store::open(name);",
        "std::filesystem::path file = directory / name;",
        "random.next();",
        "monotonic_time time(5);",
        "const environment::clock& clock_;",
        "std::atomic<int> counter;",
        "#include <chrono>",
        "#include <csignal>",
        "#include <boost/asio/post.hpp>",
        "std::remove(list.begin(), list.end(), 3);",
        "asio::post(executor_, [] {});",
        "co_await event.wait();",
        "auto level = log_level::open;",
        "if (files_.exists(name)) return;",
        "auto environment = make_environment();",
    ]

    def in_file(self, name, line):
        self.write(name, line + "\n")
        return self.find(seams.check)

    def test_what_belongs_behind_a_seam_is_found_with_its_replacement(self):
        for line, replacement in self.FORBIDDEN.items():
            with self.subTest(line):
                findings = self.in_file("ninelives/journal/a.cpp", line)
                self.assertTrue(findings)
                self.assertTrue(any(replacement in one for one in findings), findings)
                self.assertTrue(findings[0].startswith("ninelives/journal/a.cpp:1: "), findings)

    def test_what_only_looks_like_it_is_not_found(self):
        for line in self.ALLOWED:
            with self.subTest(line):
                self.assertEqual(self.in_file("ninelives/journal/a.cpp", line), [])

    def test_the_real_environment_and_the_simulation_do_what_they_are_for(self):
        for line in self.FORBIDDEN:
            with self.subTest(line):
                self.assertEqual(self.in_file("ninelives/environment/real/a.cpp", line), [])
        self.assertEqual(self.in_file("simulation/a.cpp", "std::mt19937_64 engine(seed);"), [])

    def test_what_the_simulation_plays_touches_nothing_real(self):
        for text in ("std::chrono::steady_clock::now();", "#include <unistd.h>", "fork();"):
            self.assertEqual(self.in_file("simulation/runner/a.cpp", text + "\n"), [])
        for text in ("auto part = random.fork(label);", "pipe(scheduler& owner) {}",
                     "co_await stream.read(buffer);", "#include <csignal>"):
            self.assertEqual(self.in_file("simulation/machine/a.cpp", text + "\n"), [])
        for text in ("auto now = std::chrono::steady_clock::now();", "std::thread other(f);",
                     "boost::asio::io_context loop;", '#include <sys/socket.h>',
                     "std::ofstream file(name);", '#include <unistd.h>', 'getenv("HOME");'):
            self.assert_one(self.in_file("simulation/scenarios/a.cpp", text + "\n"),
                            "simulation/scenarios/a.cpp:1:")

    def test_the_simulation_stays_deterministic(self):
        self.assert_one(self.in_file("simulation/a.cpp", "std::random_device device;"),
                        "simulation/a.cpp:1:")

    def test_a_function_of_the_module_may_have_the_name_of_a_system_call(self):
        self.write("ninelives/journal/a.hpp", "#pragma once\nresult<store> open(path file);\n")
        self.assertEqual(self.in_file("ninelives/journal/a.cpp", "auto s = open(name);"), [])
        self.assert_one(self.in_file("ninelives/journal/a.cpp", "auto s = ::open(name);"),
                        "file access 'open'")

    def test_a_variable_may_have_the_name_of_a_system_call(self):
        for line in ("auto job = [read]() { return read(3); };", "void f(auto write) { write(3); }"):
            with self.subTest(line):
                self.assertEqual(self.in_file("ninelives/journal/a.cpp", line), [])
        self.assertEqual(len(self.in_file("ninelives/journal/a.cpp", "int n = read(3, x.read);")), 1)

    def test_headers_of_tests_follow_the_rules_of_tests(self):
        line = "asio::io_context loop;"
        self.assertEqual(self.in_file("ninelives/journal/world.test.hpp", line), [])
        self.assertEqual(len(self.in_file("ninelives/journal/world.hpp", line)), 1)
        self.assertEqual(len(self.in_file("ninelives/journal/test_world.hpp", line)), 2)

    def test_tests_may_use_files_and_processes_but_neither_sleep_nor_read_the_wall_clock(self):
        name = "ninelives/journal/a.test.cpp"
        for line in ("std::ofstream out(name);", "if (fork() == 0) {}", "std::thread t(work);",
                     "asio::io_context loop;", "getpid();", "std::mt19937 engine(7);"):
            with self.subTest(line):
                self.assertEqual(self.in_file(name, line), [])
        for line in ("std::this_thread::sleep_for(1s);", "usleep(5);", "asio::steady_timer t(e);",
                     "auto t = std::chrono::system_clock::now();", "std::random_device d;"):
            with self.subTest(line):
                self.assertEqual(len(self.in_file(name, line)), 1)

    IDLE = ["::poll(nullptr, 0, 200);", "select(0, 0, 0, 0, &time);", 'std::system("sleep 1");',
            "std::this_thread::sleep_for(1s);"]

    def test_nothing_that_tests_sleeps_by_any_name(self):
        for name in ("ninelives/journal/a.test.cpp", "ninelives/environment/real/a.test.cpp",
                     "drill/a.test.cpp", "drill/a.cpp", "benchmarks/a.cpp", "fuzz/a.fuzz.cpp",
                     "ninelives/journal/a.fuzz.cpp", "simulation/a.test.cpp",
                     "simulation/runner/a.cpp"):
            for line in self.IDLE:
                with self.subTest(f"{name}: {line}"):
                    self.assertTrue(self.in_file(name, line))
    def test_what_lets_time_pass_for_all_drills_may(self):
        for line in self.IDLE:
            self.assertEqual(self.in_file("drill/home.cpp", line), [])

    def test_drills_send_signals_by_the_function_that_refuses_what_is_no_process(self):
        self.assertEqual(self.in_file("drill/program.cpp", "::kill(pid, SIGKILL);"), [])
        self.assertEqual(self.in_file("drill/a.test.cpp", "TEST(kill, an_agent) {}"), [])
        self.assert_one(self.in_file("drill/a.test.cpp", "::kill(pid, SIGKILL);"), "send_signal()")

    def test_tests_of_the_real_environment_do_not_sleep_either(self):
        self.assert_one(self.in_file("ninelives/environment/real/a.test.cpp", "usleep(5);"),
                        "sleep_until")

    def test_a_composition_root_makes_the_event_loop(self):
        line = "boost::asio::io_context loop;"
        self.assertEqual(self.in_file("ninelives/programs/nine/main.cpp", line), [])
        self.assert_one(self.in_file("ninelives/journal/a.cpp", line), "event loop")

    def test_the_line_is_the_one_where_it_stands(self):
        self.write("ninelives/journal/a.cpp", "/*\n\n*/\nint a;\nstd::mutex lock;\n")
        self.assert_one(self.find(seams.check), "ninelives/journal/a.cpp:5:")


class style_test(fixture):
    def test_a_header_begins_with_pragma_once(self):
        self.write("ninelives/base/a.hpp", "// what it is\n#pragma once\nint f();\n")
        self.assertEqual(self.find(style.check), [])
        self.write("ninelives/base/a.hpp", "#include <vector>\n#pragma once\n")
        self.assert_one(self.find(style.check), "ninelives/base/a.hpp:1:", "#pragma once")

    def test_a_source_includes_its_header_first(self):
        own = '#include "ninelives/base/result.hpp"\n'
        for name in ("ninelives/base/result.cpp", "ninelives/base/result.test.cpp"):
            with self.subTest(name):
                self.write(name, own + "#include <vector>\n")
                self.assertEqual(self.find(style.check), [])
                self.write(name, "\n#include <vector>\n" + own)
                self.assert_one(self.find(style.check), f"{name}:2:", "own header")
                self.write(name, own)

    def test_a_source_without_header_includes_what_it_likes(self):
        self.write("ninelives/base/main.cpp", "#include <vector>\n")
        self.assertEqual(self.find(style.check), [])

    def test_tabs_are_found(self):
        self.write("ninelives/base/a.cpp", "int a;\n\tint b;\n")
        self.assert_one(self.find(style.check), "ninelives/base/a.cpp:2: tab")

    def test_unfinished_work_is_found(self):
        word = "TO" + "DO"
        self.write("docs/a.md", f"one\n{word}: two\n")
        self.assert_one(self.find(style.check), "docs/a.md:2:", "open an issue")
        self.write("docs/a.md", f"a {word.lower()} list, and x{word}x\n")
        self.assertEqual(self.find(style.check), [])

    def test_paths_of_one_machine_are_found(self):
        for path in ("/wo" + "rk/wt/a", "/ro" + "ot/.bashrc"):
            with self.subTest(path):
                self.write("docs/a.md", f"see {path}\n")
                self.assert_one(self.find(style.check), "path of one machine")
        self.write("docs/a.md", "/usr/local/bin, /home/anna/x, $NINE_HOME/ro" + "ot/x, ~/wo" + "rk/x\n")
        self.assertEqual(self.find(style.check), [])

    def test_scripts_are_executable_and_nothing_else_is(self):
        self.write("run", "#!/bin/sh\n")
        self.assert_one(self.find(style.check), "run:1:", "chmod +x")
        (self.root / "run").chmod(0o755)
        self.assertEqual(self.find(style.check), [])
        (self.root / "ninelives/base/result.hpp").chmod(0o755)
        self.assert_one(self.find(style.check), "chmod -x")

    @unittest.skipUnless(shutil.which(style.FORMATTER), "./dev setup installs the formatter")
    def test_unformatted_files_are_found(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("ninelives/base/a.cpp", "int  a ;\n")
        self.write("ninelives/base/b.cpp", "int b;\n")
        found = style.check_format(self.root, list_files(self.root))
        self.assert_one([str(one) for one in found], "ninelives/base/a.cpp:1:", "./dev format")


class excerpts_test(fixture):
    def test_cpp_in_a_document_must_stand_in_a_source(self):
        self.write("ninelives/base/wait.cpp", "/// How long.\nint wait(int retry);\n\nint other();\n")
        self.write("GUIDE.md", "Text.\n\n```cpp\n/// How long.\nint wait(int retry);\n```\n\n"
                               "```sh\nno C++\n```\n")
        self.assertEqual(self.find(excerpts.check), [])
        self.write("GUIDE.md", "```cpp\n/// How long.\n// …\nint other();\n```\n")
        self.assertEqual(self.find(excerpts.check), [])
        self.write("GUIDE.md", "\n\n```cpp\nint other();\n  // …\nint wait(int retry);\n```\n")
        self.assert_one(self.find(excerpts.check), "GUIDE.md:3:", "stands in no source")
        self.write("GUIDE.md", "\n\n```cpp\nint wait(int retry);\n```\n")
        self.write("ninelives/base/wait.cpp", "int wait(unsigned retry);\n")
        self.assert_one(self.find(excerpts.check), "GUIDE.md:3:", "stands in no source")


class settings_test(fixture):
    def setUp(self):
        super().setUp()
        self.write(settings.TABLES, 'key("beat", &watchdog::heartbeat, time_span(1s, 2s), "")')

    def test_a_key_that_nothing_reads_is_found(self):
        self.write("ninelives/core/core.cpp", "options.heartbeat = 1s;\n")
        self.write("ninelives/core/core.test.cpp", "expect(all.watchdog.heartbeat);\n")
        self.assert_one(self.find(settings.check), "schema_tables.cpp:1:", "'beat' of watchdog")

    def test_a_key_that_is_read_is_not(self):
        self.write("ninelives/core/core.cpp", "return all->watchdog.heartbeat;\n")
        self.assertEqual(self.find(settings.check), [])


class sizes_test(fixture):
    def test_long_files_and_functions_are_reported_longest_first(self):
        body = "  a();\n"
        self.write("ninelives/base/a.cpp",
                   "namespace nine {\nint small() {\n" + body + "}\nvoid c::big(int x) const {\n"
                   + "  if (x) {\n" + body * 61 + "  }\n}\n}\n" + "int f() {\n" + body * 400 + "}\n")
        files = list_files(self.root)
        self.assertEqual(sizes.long_files(files)[0][0], "ninelives/base/a.cpp")
        self.assertEqual([(one[2], one[3]) for one in sizes.long_functions(files)],
                         [("f", 402), ("c::big", 65)])

    def test_short_ones_are_not(self):
        self.write("ninelives/base/a.cpp", "struct a {\n" + "  int f() { return 1; }\n" * 100 + "};\n")
        files = list_files(self.root)
        self.assertEqual((sizes.long_files(files), sizes.long_functions(files)), ([], []))


class requirements_test(fixture):
    def check(self):
        return self.find(lambda files: requirements.check(self.root, files))

    def write_document(self):
        proved, _ = requirements.citations(list_files(self.root))
        self.write(requirements.DOCUMENT, requirements.render(proved))

    def test_the_document_names_the_tests_that_prove_an_id(self):
        self.write("ninelives/base/a.test.cpp",
                   "// proves: S6, S8\nTEST(a, b_is_c) {}\n\n// proves: S6\n// why\nTEST_F(d,\n e) {}\n")
        proved, findings = requirements.citations(list_files(self.root))
        self.assertEqual(findings, [])
        self.assertEqual([name for _, name in proved["S6"]], ["a.b_is_c", "d.e"])
        document = requirements.render(proved)
        self.assertIn("| S8 | No agent is ever launched twice | a.b_is_c ([a.test.cpp]", document)
        self.assertIn(" | open |", document)
        self.assertIn("2 of ", document)

    def test_a_stale_document_is_found(self):
        self.write_document()
        self.assertEqual(self.check(), [])
        self.write("ninelives/base/a.test.cpp", "// proves: D1\nTEST(a, b) {}\n")
        self.assert_one(self.check(), "docs/requirements.md:1:", "./dev format")
        self.write_document()
        self.assertEqual(self.check(), [])

    def test_an_unknown_id_is_found(self):
        self.write("ninelives/base/a.test.cpp", "\n// proves: S6, Z9\nTEST(a, b) {}\n")
        self.write_document()
        self.assert_one(self.check(), "ninelives/base/a.test.cpp:2:", "unknown requirement 'Z9'")

    def test_a_citation_without_a_test_is_found(self):
        self.write("ninelives/base/a.test.cpp", "// proves: S6\nint x;\nTEST(a, b) {}\n")
        self.write_document()
        self.assert_one(self.check(), "without a test below it")


class text_test(unittest.TestCase):
    def test_comments_and_strings_become_spaces_and_lines_stay(self):
        text = 'a; // "b\n"c\\"d"; /* e\nf */ g(\'"\'); R"(h\n)" i 1\'000 u8"x"'
        code = without_comments(text)
        self.assertEqual(len(code), len(text))
        self.assertEqual(code.count("\n"), text.count("\n"))
        for letter in "bcdefhx":
            self.assertNotIn(letter, code)
        for word in ("a;", "g(", "i 1'000"):
            self.assertIn(word, code)


if __name__ == "__main__":
    unittest.main()
