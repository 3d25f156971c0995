"""The files of the project, and C++ text with comments and strings taken out."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
import re
import subprocess

CPP_SUFFIXES = (".cpp", ".hpp")

_SKIPPED = re.compile(
    r"""
      (?P<comment>//(?:\\\n|[^\n])*|/\*.*?\*/)
    | (?P<raw>\b(?:u8|u|U|L)?R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)")
    | (?P<text>"(?:\\.|[^"\\\n])*")
    | (?P<number>\b\d[\w']*)
    | (?P<char>'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, order=True)
class Finding:
    """One broken rule: where, what was found, and what to write instead."""

    file: str
    line: int
    found: str
    instead: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.found}: {self.instead}"


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments(text, keep_strings=False):
    """The same text, length and lines, with comments (and what strings hold) turned into spaces."""

    def replace(match):
        kind = match.lastgroup if match.lastgroup != "mark" else "raw"
        if kind == "number" or (keep_strings and kind != "comment"):
            return match.group()
        if kind == "comment":
            return _blank(match.group())
        quote = match.group()[-1]
        return quote + _blank(match.group()[1:-1]) + quote

    return _SKIPPED.sub(replace, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class SourceFile:
    """A text file of the project; `name` is its path from the root, with slashes."""

    def __init__(self, root, name):
        self.name = name
        self.path = Path(root) / name

    @cached_property
    def text(self):
        return self.path.read_bytes().decode("utf-8", errors="replace")

    @cached_property
    def code(self):
        return without_comments(self.text)

    @cached_property
    def code_with_strings(self):
        return without_comments(self.text, keep_strings=True)

    @property
    def folder(self):
        return self.name.rpartition("/")[0]

    @property
    def is_cpp(self):
        return self.name.endswith(CPP_SUFFIXES)

    @property
    def is_test(self):
        """Tests, and what only tests include: x.test.cpp, x.test.hpp."""
        return self.name.endswith((".test.cpp", ".test.hpp"))

    @property
    def stands_apart(self):
        """Fuzz targets: programs of their own, beside what they use."""
        return self.name.endswith(".fuzz.cpp")

    @cached_property
    def includes(self):
        """(line, path, quoted) of every include, those in comments left out."""
        pattern = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">\n]+)[">]', re.MULTILINE)
        return [
            (line_of(self.text, match.start(2)), match.group(2), match.group(1) == '"')
            for match in pattern.finditer(self.code_with_strings)
        ]


def list_files(root):
    """Every file that is in the repository or about to be; without git, every file outside build*/."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [str(path.relative_to(root)) for path in Path(root).rglob("*") if path.is_file()]
        names = [name for name in names if not name.startswith(("build", "."))]
    files = [SourceFile(root, name) for name in sorted(set(names))]
    return [file for file in files if file.path.is_file() and not file.path.is_symlink()]
