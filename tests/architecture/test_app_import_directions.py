"""The import rules of the app, tried on a small src/ with one wrong import each."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.steps import BIN, PWA, environment

FILES = {
    "src/main.ts": 'void import("./field/round");\nvoid import("./office/board");\n',
    "src/contract/kinds.ts": "export const kinds = 1;\n",
    "src/rules/due.ts": 'export { kinds } from "../contract/kinds";\n',
    "src/store/db.ts": 'export { kinds } from "../rules/due";\n',
    "src/sync/loop.ts": 'import "socket.io-client";\nexport { kinds } from "../store/db";\n',
    "src/ui/format.ts": 'export { kinds } from "../contract/kinds";\n',
    "src/field/round.ts": 'export { kinds } from "../sync/loop";\n',
    "src/office/board.ts": 'import { ElTable } from "element-plus";\nvoid ElTable;\n',
    "src/worker/image.ts": "export {};\n",
}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name in (".dependency-cruiser.cjs", "package.json", "tsconfig.app.json", "tsconfig.base.json"):
        shutil.copy(PWA / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(PWA / "node_modules")
    return tmp_path


def cruise(app: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "npm"), "run", "--silent", "imports"]
    return subprocess.run(command, cwd=app, env=environment(), capture_output=True, text=True, check=False)


def test_an_app_that_keeps_to_the_rules_passes(app: Path):
    done = cruise(app)
    assert done.returncode == 0, done.stdout


WRONG = [
    ("contract", "../rules/due", "contract-reaches-only-what-it-may"),
    ("rules", "../store/db", "rules-reaches-only-what-it-may"),
    ("rules", "vue", "rules-uses-only-its-packages"),
    ("store", "../sync/loop", "store-reaches-only-what-it-may"),
    ("store", "vue", "store-uses-only-its-packages"),
    ("sync", "../field/round", "sync-reaches-only-what-it-may"),
    ("sync", "../main", "sync-reaches-only-what-it-may"),
    ("ui", "../store/db", "ui-reaches-only-what-it-may"),
    ("ui", "element-plus", "ui-kit-in-the-office-only"),
    ("field", "../office/board", "field-reaches-only-what-it-may"),
    ("field", "element-plus", "ui-kit-in-the-office-only"),
    ("field", "vitest", "no-test-in-the-product"),
    ("field", "./nowhere", "no-import-that-leads-nowhere"),
    ("office", "../field/round", "office-reaches-only-what-it-may"),
    ("worker", "../contract/kinds", "worker-reaches-only-what-it-may"),
    ("worker", "vue", "worker-uses-only-its-packages"),
]


def test_every_wrong_import_breaks_its_rule(app: Path):
    for number, (folder, target, _) in enumerate(WRONG):
        (app / f"src/{folder}/wrong{number}.ts").write_text(f'import "{target}";\n')
    done = cruise(app)
    assert done.returncode != 0
    broken = done.stdout.replace("\n", " ")
    for number, (folder, _, rule) in enumerate(WRONG):
        assert f"error {rule}: src/{folder}/wrong{number}.ts" in broken


def test_types_and_vue_files_count_too(app: Path):
    (app / "src/worker/types.ts").write_text(
        'import type { kinds } from "../contract/kinds";\nexport type K = typeof kinds;\n'
    )
    (app / "src/field/Round.vue").write_text(
        '<script setup lang="ts">\nimport "../office/board";\n</script>\n'
    )
    (app / "src/main.ts").write_text('import "./field/Round.vue";\n')
    done = cruise(app)
    assert "error worker-reaches-only-what-it-may: src/worker/types.ts" in done.stdout
    assert "error field-reaches-only-what-it-may: src/field/Round.vue" in done.stdout


def test_a_circle_and_a_new_folder_are_found(app: Path):
    (app / "src/ui/one.ts").write_text('import "./two";\n')
    (app / "src/ui/two.ts").write_text('import "./one";\n')
    (app / "src/misc").mkdir()
    (app / "src/misc/thing.ts").write_text("export {};\n")
    (app / "src/main.ts").write_text('import "./misc/thing";\n')
    done = cruise(app)
    assert "error no-circle: src/ui/" in done.stdout
    assert "error no-unknown-folder: src/main.ts" in done.stdout
