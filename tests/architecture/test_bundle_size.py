"""A tablet starts on little JavaScript, and none of it is the office's."""

import json
from pathlib import Path
from typing import Any

from tools.bundle_size import INITIAL_LIMIT, gzipped, initial_chunks, measure
from tools.steps import PWA

MANIFEST: dict[str, dict[str, Any]] = {
    "index.html": {
        "file": "assets/index.js",
        "isEntry": True,
        "imports": ["_vue.js"],
        "dynamicImports": ["src/field/signin/SignIn.vue", "src/office/Board.vue", "src/sync/live.ts"],
    },
    "_vue.js": {"file": "assets/vue.js"},
    "src/field/signin/SignIn.vue": {"file": "assets/signin.js", "imports": ["_vue.js", "_form.js"]},
    "_form.js": {"file": "assets/form.js"},
    "src/office/Board.vue": {"file": "assets/board.js", "imports": ["_table.js"]},
    "_table.js": {"file": "assets/table.js"},
    "src/sync/live.ts": {"file": "assets/live.js"},
}


def test_the_start_counts_with_the_first_screens_and_all_that_they_import():
    assert initial_chunks(MANIFEST) == {"index.html", "_vue.js", "src/field/signin/SignIn.vue", "_form.js"}


def test_a_shared_file_is_counted_once_and_gzipped(tmp_path: Path):
    (tmp_path / "assets").mkdir()
    for chunk in MANIFEST.values():
        (tmp_path / chunk["file"]).write_text("0" * 100_000)
    sizes = gzipped(tmp_path, MANIFEST)
    assert set(sizes) == {"assets/index.js", "assets/vue.js", "assets/signin.js", "assets/form.js"}
    assert all(size < 1_000 for size in sizes.values())


def test_the_field_app_starts_on_at_most_100_kb():
    sizes = measure()
    assert sum(sizes.values()) <= INITIAL_LIMIT, sizes


def test_the_field_app_carries_nothing_of_the_office():
    manifest = json.loads((PWA / "dist" / ".vite" / "manifest.json").read_text())
    initial = initial_chunks(manifest)
    assert initial.isdisjoint(key for key in manifest if key.startswith("src/office/"))
    code = "".join((PWA / "dist" / manifest[key]["file"]).read_text() for key in initial)
    assert "ElTable" not in code
    assert "el-table" not in code
