#!/usr/bin/env python3
"""What `./dev ci` says at its end of what failed."""

from pathlib import Path
import sys
import unittest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import failures  # noqa: E402

LOG = """\
      Start 1: base.test/a.b
 1/4 Test #1: base.test/a.b .......................   Passed    0.01 sec
      Start 2: drill/kill.a
      Start 3: drill/kill.b
 2/4 Test #2: drill/kill.a ........................***Failed    3.20 sec
kill.cpp:7: Failure

expected 1
 3/4 Test #3: drill/kill.b ........................***Skipped   0.02 sec
needs root
      Start 4: drill/kill.c
 4/4 Test #4: drill/kill.c ........................***Timeout 300.00 sec
waiting
 5/5 Test #5: a.writer ...........................***Not Run (Disabled)   0.00 sec
helper

50% tests passed, 2 tests failed out of 4
the rest
"""


class Failures(unittest.TestCase):
    def test_the_output_of_each_failed_test_and_nothing_else(self):
        self.assertEqual(failures.report(LOG), [
            "--- drill/kill.a: Failed    3.20 sec", "kill.cpp:7: Failure", "expected 1",
            "--- drill/kill.c: Timeout 300.00 sec", "waiting"])

    def test_the_end_of_a_log_without_tests(self):
        lines = [f"line {n}" for n in range(100)]
        told = failures.report("\n".join(lines))
        self.assertEqual(told[0], f"({100 - failures.LINES_MOST} lines left out)")
        self.assertEqual(told[1:], lines[-failures.LINES_MOST:])

    def test_many_failures_are_named_and_only_some_shown(self):
        one = "{n}/99 Test #{n}: t{n} ..***Failed 0.1 sec\noutput {n}\n"
        told = failures.report("".join(one.format(n=n) for n in range(1, 21)))
        self.assertEqual(sum(line.startswith("--- t") for line in told), 20)
        self.assertEqual(sum(line.startswith("output") for line in told), failures.TESTS_MOST)

    def test_an_empty_log(self):
        self.assertEqual(failures.report(""), [])


if __name__ == "__main__":
    unittest.main()
