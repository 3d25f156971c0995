"""Header hygiene, formatting, and what no file of the project holds."""

from concurrent.futures import ThreadPoolExecutor
import os
import re
import shutil
import subprocess

from checks.tree import Finding, line_of

_TEXT_SUFFIXES = (".cpp", ".hpp", ".py", ".sh", ".cmake", ".txt", ".md", ".yaml", ".yml", ".json",
                  ".sql", ".ts", ".editorconfig", ".clang-format")
_NO_TABS = (".cpp", ".hpp", ".py", ".sh", ".cmake", "CMakeLists.txt", ".yaml", ".yml")
# Written in pieces, so that these rules do not find themselves.
_UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
_MACHINE_PATH = re.compile(r"(?<![\w.~/])/(work|root)" r"/[\w.]")
FORMATTER = "clang-format-19"


def is_text(file):
    return file.name.endswith(_TEXT_SUFFIXES) or file.text.startswith("#!")


def check(files):
    findings = []
    for file in files:
        if file.name == "LICENSE" or not is_text(file):
            continue
        findings += _check_text(file)
        findings += _check_executable(file)
        if file.is_cpp:
            findings += _check_headers(file, {one.name for one in files} if file.name.endswith(".cpp")
                                       else set())
    return findings


def _check_text(file):
    if file.name.endswith(_NO_TABS) or file.text.startswith("#!"):
        offset = file.text.find("\t")
        if offset >= 0:
            yield Finding(file.name, line_of(file.text, offset), "tab", "indent with spaces")
    for match in _UNFINISHED.finditer(file.text):
        yield Finding(file.name, line_of(file.text, match.start()), match.group(),
                      "do it, or open an issue")
    for match in _MACHINE_PATH.finditer(file.text):
        yield Finding(file.name, line_of(file.text, match.start()),
                      f"path of one machine '{match.group()}…'",
                      "use a relative path, or one found at run time")


def _check_executable(file):
    script = file.text.startswith("#!")
    executable = os.access(file.path, os.X_OK)
    if script and not executable:
        yield Finding(file.name, 1, "script without executable bit", f"chmod +x {file.name}")
    if executable and not script:
        yield Finding(file.name, 1, "executable bit on what is no script", f"chmod -x {file.name}")


def _check_headers(file, names):
    if file.name.endswith(".hpp"):
        if not file.code.lstrip().startswith("#pragma once"):
            yield Finding(file.name, 1, "header without '#pragma once'", "begin with #pragma once")
        return
    own = file.name.removesuffix(".cpp").removesuffix(".test") + ".hpp"
    if own in names and (not file.includes or file.includes[0][1] != own):
        line = file.includes[0][0] if file.includes else 1
        yield Finding(file.name, line, "own header is not the first include",
                      f'begin with #include "{own}", which proves that it stands alone')


def check_format(root, files):
    """Files that clang-format would change, by its dry run in parallel."""
    names = [file.name for file in files if file.is_cpp]
    formatter = shutil.which(FORMATTER)
    if not names:
        return []
    if formatter is None:
        return [Finding("tools/checks/style.py", 1, f"{FORMATTER} is not installed",
                        "./dev setup installs it")]

    def run(some):
        return subprocess.run([formatter, "--dry-run", "-Werror", "--ferror-limit=1", *some],
                              cwd=root, capture_output=True, text=True, check=False).stderr

    size = 16
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outputs = list(pool.map(run, (names[at:at + size] for at in range(0, len(names), size))))
    found = re.findall(r"^(\S+?):(\d+):\d+: error:", "\n".join(outputs), re.MULTILINE)
    first_lines = {}
    for name, line in found:
        first_lines.setdefault(name, int(line))
    return [Finding(name, line, "not formatted", "./dev format")
            for name, line in first_lines.items()]
