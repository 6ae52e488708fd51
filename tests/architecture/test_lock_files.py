"""No committed file says where packages come from, and npm's lock has an entry for everything it needs."""

import json
import subprocess
from pathlib import Path

import pytest

from tools.lock_files import complaints_of, main

INDEX = "https://" + "index.example/simple"
NPM = "https://registry." + "npmjs.org/vue/-/vue-3.tgz"


def look_at(root: Path, name: str, text: str) -> list[str]:
    (root / name).write_text(text)
    return complaints_of(root, Path(name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", f"--index-url {INDEX}\nflask==3.1.3\n"),
        ("requirements-dev.txt", f"--find-links {INDEX}\n"),
        ("requirements.in", "rounds @ git+ssh://git@example/rounds\n"),
        (".npmrc", "registry = //example/\n"),
        ("pyproject.toml", f'[[tool.uv.index]]\nurl = "{INDEX}"\n'),
        ("uv.lock", "version = 1\n"),
        ("setup.sh", f"npm install {NPM}\n"),
        ("README.md", "pip install -i https://mirrors." + "example.com/simple flask\n"),
    ],
)
def test_an_address_is_found(tmp_path: Path, name: str, text: str):
    assert look_at(tmp_path, name, text) != []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "flask==3.1.3 \\\n    --hash=sha256:00\n    # via flask-smorest\n"),
        (".npmrc", "omit-lockfile-registry-resolved=true\n"),
        ("README.md", "Open http://127.0.0.1:8080, see https://vuejs.org.\n"),
    ],
)
def test_what_is_no_address_of_an_index_is_left_alone(tmp_path: Path, name: str, text: str):
    assert look_at(tmp_path, name, text) == []


VUE = {"version": "3.5.45", "integrity": "sha512-0"}


@pytest.mark.parametrize(
    ("packages", "complaint"),
    [
        ({"node_modules/vue": {**VUE, "resolved": NPM}}, "node_modules/vue names an address"),
        ({"node_modules/vue": {"version": "3.5.45"}}, "node_modules/vue has no version or no hash"),
        (
            {"node_modules/vue": {**VUE, "dependencies": {"@vue/shared": "3"}}},
            "node_modules/vue needs @vue/shared",
        ),
        # This one happened: `npm ci` then stops on every machine but the one that made the lock.
        (
            {"node_modules/vue": {**VUE, "optionalDependencies": {"@x/darwin": "1"}}},
            "node_modules/vue needs @x/darwin",
        ),
    ],
)
def test_a_bad_npm_lock_is_found(tmp_path: Path, packages, complaint: str):
    [found] = look_at(tmp_path, "package-lock.json", json.dumps({"packages": {"": {}, **packages}}))
    assert complaint in found


def test_a_nested_package_counts_as_present(tmp_path: Path):
    outer = {**VUE, "dependencies": {"inner": "1"}}
    packages = {
        "": {"dependencies": {"vue": "3.5.45"}},
        "node_modules/vue": outer,
        "node_modules/vue/node_modules/inner": VUE,
    }
    assert look_at(tmp_path, "package-lock.json", json.dumps({"packages": packages})) == []


def test_the_command_looks_through_the_whole_project(tmp_path: Path, capsys):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / "deep").mkdir()
    assert main(tmp_path) == 0
    (tmp_path / "deep" / "requirements.txt").write_text(f"--extra-index-url {INDEX}\n")
    assert main(tmp_path) == 1
    assert "deep/requirements.txt:1 names an address" in capsys.readouterr().out
