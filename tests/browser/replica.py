"""Looks into the raw IndexedDB of a page, apart from the product's own code."""

from __future__ import annotations

from playwright.sync_api import Page

# Goes through every database; `VISIT` stands for what is made of each.
_EACH = """async () => {
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done, fail) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => fail(asked.error);
    });
VISIT
    db.close();
  }
  return found;
}"""

# Hashes the bytes of every row that is named by a sha256.
_PHOTOS = """
    for (const store of db.objectStoreNames) {
      if (db.transaction(store).objectStore(store).keyPath !== "sha256") continue;
      const rows = await new Promise((done) => {
        const asked = db.transaction(store).objectStore(store).getAll();
        asked.onsuccess = () => done(asked.result);
      });
      for (const row of rows) {
        for (const value of Object.values(row)) {
          const bytes = value instanceof Blob ? await value.arrayBuffer() : value;
          if (!(bytes instanceof ArrayBuffer) && !ArrayBuffer.isView(bytes)) continue;
          const digest = await crypto.subtle.digest("SHA-256", bytes);
          const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
          found[hex] = bytes.byteLength;
        }
      }
    }"""

_ROWS = """
    for (const store of db.objectStoreNames) {
      found[`${name}/${store}`] = await new Promise((done) => {
        const asked = db.transaction(store).objectStore(store).count();
        asked.onsuccess = () => done(asked.result);
      });
    }"""


def photos_on_the_device(page: Page) -> dict[str, int]:
    """Sizes of the photos whose bytes lie on this device, by the sha256 that we make of them here and now."""
    return dict(page.evaluate(_EACH.replace("VISIT", _PHOTOS)))


def rows_on_the_device(page: Page) -> dict[str, int]:
    """How many rows lie in the browser, by ``database/store``."""
    return dict(page.evaluate(_EACH.replace("VISIT", _ROWS)))
