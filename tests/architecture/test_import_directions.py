"""The import contracts of pyproject.toml, tried on a small tree of the same shape with wrong imports."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"

TREE = [
    *("schemas/__init__.py", "schemas/record.py", "schemas/export.py"),
    *("sync/__init__.py", "sync/merge.py", "sync/ports.py"),
    *("server/__init__.py", "server/app.py", "server/cli.py", "server/failures.py", "server/realtime.py"),
    *("server/rules/__init__.py", "server/rules/coverage.py"),
    *("server/storage/__init__.py", "server/storage/records.py"),
    *("server/evidence/__init__.py", "server/evidence/images.py"),
    *("server/api/__init__.py", "server/api/push.py"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in TREE:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{tree}{os.pathsep}{ROOT}", "COLUMNS": "200"}
    command = [str(LINT_IMPORTS), "--no-cache", "--no-logo", "--config", "pyproject.toml"]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)


def test_a_tree_that_keeps_to_the_contracts_passes(tree: Path):
    (tree / "sync/merge.py").write_text("import json\nfrom sync import ports\n")
    (tree / "schemas/record.py").write_text("from marshmallow import Schema\n")
    (tree / "schemas/export.py").write_text("import apispec\nfrom schemas import record\n")
    (tree / "server/rules/coverage.py").write_text("from server import failures\n")
    (tree / "server/storage/records.py").write_text(
        "import peewee\nfrom sync import ports\nfrom server.rules import coverage\n"
    )
    (tree / "server/api/push.py").write_text("import flask\nimport schemas.record\nfrom sync import merge\n")
    (tree / "server/app.py").write_text(
        "import flask\nfrom server.storage import records\nfrom server.api import push\n"
    )
    done = lint(tree)
    assert done.returncode == 0, done.stdout


WRONG = [
    ("sync", "peewee"),
    ("sync", "orjson"),
    ("sync", "server.failures"),
    ("sync", "schemas.record"),
    ("schemas", "apispec"),
    ("schemas", "server.failures"),
    ("schemas", "sync.merge"),
    ("schemas", "flask"),
    ("server.rules", "peewee"),
    ("server.rules", "sync.merge"),
    ("server.rules", "schemas.record"),
    ("server.rules", "server.storage.records"),
    ("server.storage", "flask"),
    ("server.storage", "schemas.record"),
    ("server.storage", "server.api.push"),
    ("server.storage", "server.app"),
    ("server.evidence", "peewee"),
    ("server.evidence", "server.storage.records"),
    ("server.api", "server.storage.records"),
    ("server.api", "peewee"),
    ("server.api", "server.app"),
]


def test_every_wrong_import_breaks_its_contract(tree: Path):
    for number, (package, target) in enumerate(WRONG):
        (tree / package.replace(".", "/") / f"wrong{number}.py").write_text(f"import {target}\n")
    done = lint(tree)
    assert done.returncode == 1
    for number, (package, target) in enumerate(WRONG):
        assert f"{package}.wrong{number}, line 1, imports {target}\n" in done.stdout


def test_a_part_that_is_a_single_file_is_bound_too(tree: Path):
    (tree / "server/failures.py").write_text("import flask\n")
    (tree / "server/realtime.py").write_text("from server.storage import records\n")
    (tree / "schemas/export.py").write_text("import flask\n")
    done = lint(tree)
    assert "server.failures, line 1, imports flask" in done.stdout
    assert "server.realtime, line 1, imports server.storage.records" in done.stdout
    assert "schemas.export, line 1, imports flask" in done.stdout


def test_an_import_inside_a_function_or_for_types_only_counts_too(tree: Path):
    (tree / "sync/merge.py").write_text("def merge():\n    import peewee\n")
    (tree / "sync/ports.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import flask\n"
    )
    done = lint(tree)
    assert "sync.merge, line 2, imports peewee" in done.stdout
    assert "sync.ports, line 3, imports flask" in done.stdout


def test_a_part_of_the_server_without_a_contract_is_found(tree: Path):
    (tree / "server/helpers.py").write_text("import peewee\n")
    done = lint(tree)
    assert done.returncode == 1
    assert "server.helpers has no contract" in done.stdout
