"""The floors: a module includes only what it names, and names only what stands no higher.

Naming is direct: a header that comes along with a named module does not count as named, so that the
DEPENDS of a module is the full list of what it knows.
"""

from dataclasses import dataclass, field
import re

from checks.tree import Finding, line_of

DECLARATIONS = "ninelives/CMakeLists.txt"
_KEYWORDS = {"ASIO", "THREADED", "STATIC", "FLOOR", "DEPENDS", "LIBRARIES", "TEST_DEPENDS",
             "TEST_PROGRAMS", "DIRECTORY"}


@dataclass
class Module:
    path: str
    line: int
    floor: int | None
    depends: list = field(default_factory=list)
    test_depends: list = field(default_factory=list)


def parse(text):
    """The nine_module and nine_program lines as modules, in order."""
    text = re.sub(r"#[^\n]*", lambda match: " " * len(match.group()), text)
    modules = []
    for match in re.finditer(r"\bnine_(module|program)\s*\(([^)]*)\)", text):
        words = match.group(2).split()
        if match.group(1) == "program":
            words = words[1:]
        sections, current = {"": []}, ""
        for word in words:
            if word in _KEYWORDS:
                current = word
                sections.setdefault(current, [])
            else:
                sections[current].append(word)
        path = sections[""][0] if sections[""] else ""
        floor = sections.get("FLOOR", [])
        modules.append(
            Module(path, line_of(text, match.start()),
                   int(floor[0]) if floor and floor[0].isdigit() else None,
                   sections.get("DEPENDS", []), sections.get("TEST_DEPENDS", [])))
    return modules


def check(files):
    declared = {file.name: file for file in files}.get(DECLARATIONS)
    modules = parse(declared.text) if declared else []
    by_path = {}
    findings = []
    for module in modules:
        if module.path in by_path:
            findings.append(Finding(DECLARATIONS, module.line, f"{module.path} is declared twice",
                                    "keep one line"))
        by_path[module.path] = module
    findings += _check_declarations(modules, by_path)
    findings += _check_cycles(by_path)
    findings += _check_folders(files, by_path)
    names = {file.name for file in files}
    for file in files:
        if file.is_cpp:
            findings += _check_includes(file, by_path, names)
    return findings


def _check_declarations(modules, by_path):
    for module in modules:
        if module.floor is None:
            yield Finding(DECLARATIONS, module.line, f"{module.path} has no floor",
                          "add FLOOR and its number")
            continue
        for name in module.depends + module.test_depends:
            below = by_path.get(name)
            if below is None:
                yield Finding(DECLARATIONS, module.line,
                              f"{module.path} depends on {name}, which is no module",
                              "name a folder that has a nine_module line")
            elif below.floor is not None and below.floor > module.floor:
                yield Finding(DECLARATIONS, module.line,
                              f"{module.path} (floor {module.floor}) depends on {name} "
                              f"(floor {below.floor})",
                              "move what is needed down, or pass it in through an interface")


def _check_cycles(by_path):
    done = set()

    def visit(path, trail):
        if path in trail:
            yield Finding(DECLARATIONS, by_path[path].line,
                          "modules depend on each other: "
                          + " -> ".join(trail[trail.index(path):] + [path]),
                          "move what both need into a module below")
            return
        if path in done or path not in by_path:
            return
        for name in by_path[path].depends:
            yield from visit(name, trail + [path])
        done.add(path)

    for path in by_path:
        yield from visit(path, [])


def _check_folders(files, by_path):
    seen = set()
    for file in files:
        if not (file.is_cpp and file.name.startswith("ninelives/")):
            continue
        path = file.folder.removeprefix("ninelives").removeprefix("/")
        if path not in by_path and path not in seen:
            seen.add(path)
            yield Finding(file.name, 1, f"folder {file.folder}/ has sources and no module",
                          f"add a nine_module line to {DECLARATIONS}")


def _check_includes(file, by_path, names):
    inside = file.name.startswith("ninelives/")
    own = file.folder.removeprefix("ninelives/")
    module = by_path.get(own) if inside else None
    for line, path, quoted in file.includes:
        if not quoted:
            if path.startswith("ninelives/"):
                yield Finding(file.name, line, f"<{path}>", f'write "{path}" with quotes')
            continue
        if path not in names:
            yield Finding(file.name, line, f'"{path}" does not exist',
                          "write the path from the root of the repository")
            continue
        if not inside:
            continue
        if not path.startswith("ninelives/"):
            yield Finding(file.name, line, f'"{path}" is outside ninelives/',
                          "the product does not include tests, simulation or tools")
            continue
        used = path.rpartition("/")[0].removeprefix("ninelives/")
        if module is None or used == own or file.stands_apart:
            continue
        allowed = module.depends + (module.test_depends if file.is_test else [])
        if used not in allowed:
            keyword = "TEST_DEPENDS" if file.is_test else "DEPENDS"
            yield Finding(file.name, line, f"{own} includes {used} without naming it",
                          f"add {used} to {keyword} of {own} in {DECLARATIONS}, "
                          "or do without it")
