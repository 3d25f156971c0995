"""Long files and functions: reported, so that somebody looks; never a failure."""

import re

from checks.tree import line_of

FILE_LINES = 400
FUNCTION_LINES = 60
_NOT_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b")
_CONTROL = re.compile(r"^\s*(if|for|while|switch|do|else|try|catch|return)\b")


def long_files(files):
    sizes = ((file.name, file.text.count("\n")) for file in files if file.is_cpp)
    return sorted((one for one in sizes if one[1] > FILE_LINES), key=lambda one: -one[1])


def long_functions(files):
    """(file, line, name, lines) of functions over the limit, longest first."""
    found = [(file.name, *one) for file in files if file.is_cpp for one in functions(file.code)
             if one[2] > FUNCTION_LINES]
    return sorted(found, key=lambda one: -one[3])


def functions(code):
    """(line, name, lines) of every function body that stands outside other functions."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda match: re.sub(r"[^\n]", " ", match.group()),
                  code, flags=re.MULTILINE)
    found = []
    depth = 0
    begun = None  # (depth, offset, name) of the function we are in
    statement = 0
    for match in re.finditer(r"[{};]", code):
        token = match.group()
        if token == "{":
            head = code[statement:match.start()]
            if begun is None and _opens_function(head):
                name = re.search(r"([\w:~]+)\s*\(", head)
                begun = (depth, match.start(), name.group(1) if name else "?")
            depth += 1
        elif token == "}":
            depth -= 1
            if begun is not None and depth == begun[0]:
                first, last = line_of(code, begun[1]), line_of(code, match.start())
                found.append((first, begun[2], last - first + 1))
                begun = None
        if token != "{" or begun is None:
            statement = match.end()
    return found


def _opens_function(head):
    return ("(" in head and not _NOT_FUNCTION.search(head.split("(")[0]) and not _CONTROL.match(head)
            and not re.search(r"=\s*$", head))
