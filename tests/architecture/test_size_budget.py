"""The size budget finds what is too long, in all three languages, and keeps its exceptions true."""

import subprocess
from pathlib import Path

import pytest

from tools.size_budget import FILE_LINES, FUNCTION_LINES, Allowance, judge, main, sizes


def python_function(lines: int) -> str:
    return "def walk():\n" + "    pass\n" * (lines - 1)


def typescript_function(lines: int) -> str:
    return "export function walk() {\n" + "  void 0;\n" * (lines - 2) + "}\n"


def vue_component(lines: int) -> str:
    return f'<template><p /></template>\n<script setup lang="ts">\n{typescript_function(lines)}</script>\n'


def complaints(root: Path, name: str, text: str, *allowances: Allowance) -> list[str]:
    (root / name).write_text(text)
    return judge(sizes(root, [Path(name)]), list(allowances))


MAKERS = [("walk.py", python_function), ("walk.ts", typescript_function), ("Walk.vue", vue_component)]


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_a_function_may_fill_its_budget_and_no_line_more(tmp_path: Path, name, make):
    assert complaints(tmp_path, name, make(FUNCTION_LINES)) == []
    [complaint] = complaints(tmp_path, name, make(FUNCTION_LINES + 1))
    assert complaint.endswith(f"walk has {FUNCTION_LINES + 1} lines, {FUNCTION_LINES} are allowed")


@pytest.mark.parametrize(
    ("name", "comment"), [("long.py", "# x\n"), ("long.ts", "// x\n"), ("Long.vue", "<!-- -->\n")]
)
def test_a_file_may_fill_its_budget_and_no_line_more(tmp_path: Path, name, comment):
    assert complaints(tmp_path, name, comment * FILE_LINES) == []
    assert complaints(tmp_path, name, comment * (FILE_LINES + 1)) == [
        f"{name} has {FILE_LINES + 1} lines, {FILE_LINES} are allowed"
    ]


def test_arrows_methods_and_callbacks_count_as_functions(tmp_path: Path):
    body = "{\n" + "  void 0;\n" * FUNCTION_LINES + "}"
    text = f"const walk = () => {body};\nclass Round {{\n  check() {body}\n}}\n[1].map(() => {body});\n"
    found = complaints(tmp_path, "kinds.ts", text)
    assert [line.split(" has ")[0] for line in found] == [
        "kinds.ts:1 walk",
        "kinds.ts:44 check",
        "kinds.ts:87 (anonymous)",
    ]


def test_a_describe_block_is_a_chapter_but_a_test_in_it_is_a_function(tmp_path: Path):
    test = 'test("walks", () => {\n' + "  void 0;\n" * FUNCTION_LINES + "});\n"
    [complaint] = complaints(tmp_path, "walk.test.ts", 'describe("round", () => {\n' + test + "});\n")
    assert complaint.startswith("walk.test.ts:2 (anonymous)")


def test_a_vue_function_is_named_with_its_line_in_the_file(tmp_path: Path):
    [complaint] = complaints(tmp_path, "Walk.vue", vue_component(FUNCTION_LINES + 1))
    assert complaint.startswith("Walk.vue:3 walk")


def test_an_exception_holds_for_what_it_names_only(tmp_path: Path):
    long = python_function(FUNCTION_LINES + 1)
    for_walk = Allowance("*.py", "one table of cases", "walk")
    for_file = Allowance("walk.py", "one table of cases")
    assert complaints(tmp_path, "walk.py", long, for_walk) == []
    assert len(complaints(tmp_path, "walk.py", long, for_file)) == 2


def test_an_exception_that_nothing_needs_is_a_complaint(tmp_path: Path):
    idle = Allowance("walk.py", "was long once", "walk")
    assert complaints(tmp_path, "walk.py", python_function(3), idle) == [
        "the exception for walk.py walk is not needed: take it out"
    ]


def test_the_command_fails_on_a_new_file_that_git_does_not_know_yet(tmp_path: Path, capsys):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "size_budget.toml").write_text('generated = ["generated/*"]\n')
    (tmp_path / "generated").mkdir()
    (tmp_path / "generated" / "kinds.py").write_text("x = 1\n" * 400)
    assert main(tmp_path) == 0
    (tmp_path / "walk.py").write_text(python_function(FUNCTION_LINES + 1))
    assert main(tmp_path) == 1
    assert "walk.py:1 walk has 41 lines" in capsys.readouterr().out
