"""Files up to 300 lines, functions up to 40: `python -m tools.size_budget [root]`.

What needs more room stands in tools/size_budget.toml with its reason; an exception that is no longer
needed fails as well, so that the list stays true.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tools.steps import PWA, environment, say
from tools.tracked import project_files

FILE_LINES = 300
FUNCTION_LINES = 40
SUFFIXES = {".py", ".ts", ".vue"}


@dataclass(frozen=True)
class Size:
    """A file (`function` is empty) or one function in it, with its length in lines."""

    path: str
    function: str
    line: int
    lines: int

    @property
    def budget(self) -> int:
        """How many lines it may have."""
        return FUNCTION_LINES if self.function else FILE_LINES

    def __str__(self) -> str:
        what = f"{self.path}:{self.line} {self.function}" if self.function else self.path
        return f"{what} has {self.lines} lines, {self.budget} are allowed"


@dataclass(frozen=True)
class Allowance:
    """One exception: a path (`*` allowed), perhaps one function of it, and why."""

    path: str
    reason: str
    function: str = ""

    def covers(self, size: Size) -> bool:
        """Whether this exception speaks of that file or function."""
        return fnmatch(size.path, self.path) and self.function in ("*", size.function)


def python_functions(path: str, text: str) -> list[Size]:
    """All functions of a Python file, from `def` to the last line, docstring included."""
    nodes = [
        node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [
        Size(path, node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in nodes
    ]


def typescript_functions(root: Path, paths: list[str]) -> list[Size]:
    """All functions of TypeScript and Vue files, told by TypeScript's own parser."""
    if not paths:
        return []
    command = ["node", str(PWA / "build" / "function-lengths.ts")]
    done = subprocess.run(
        command,
        input="\n".join(paths),
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"function-lengths.ts failed: {done.stderr}")
    return [Size(**row) for row in json.loads(done.stdout)]


def sizes(root: Path, paths: Iterable[Path]) -> list[Size]:
    """The sizes of all given files (relative to `root`) and of all functions in them."""
    found: list[Size] = []
    typescript: list[str] = []
    for path in paths:
        if path.suffix not in SUFFIXES:
            continue
        text = (root / path).read_text(encoding="utf-8")
        found.append(Size(str(path), "", 1, len(text.splitlines())))
        if path.suffix == ".py":
            found += python_functions(str(path), text)
        else:
            typescript.append(str(path))
    return found + typescript_functions(root, typescript)


def judge(found: list[Size], allowances: list[Allowance]) -> list[str]:
    """One sentence for everything over its budget without an exception, and for every idle exception."""
    over = [size for size in found if size.lines > size.budget]
    complaints = [str(size) for size in over if not any(allowance.covers(size) for allowance in allowances)]
    for allowance in allowances:
        if not any(allowance.covers(size) for size in over):
            complaints.append(
                f"the exception for {allowance.path} {allowance.function} is not needed: take it out"
            )
    return complaints


def main(root: Path) -> int:
    """Measure everything that git knows below `root`."""
    listed = tomllib.loads((root / "tools" / "size_budget.toml").read_text(encoding="utf-8"))
    exempt = listed.get("generated", [])
    paths = [
        path for path in project_files(root) if not any(fnmatch(str(path), pattern) for pattern in exempt)
    ]
    complaints = judge(sizes(root, paths), [Allowance(**entry) for entry in listed.get("exception", [])])
    for complaint in complaints:
        say(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
