import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BuiltFile, officeOnly, precacheManifest } from "./precache.ts";

function chunk(fileName: string, rest: Partial<BuiltFile> & { css?: string[] } = {}): BuiltFile {
  const { css = [], ...more } = rest;
  return {
    fileName,
    type: "chunk",
    viteMetadata: { importedCss: new Set(css), importedAssets: new Set() },
    ...more,
  };
}

function bundleOf(...files: BuiltFile[]): Record<string, BuiltFile> {
  return Object.fromEntries(files.map((file) => [file.fileName, file]));
}

test("what only the office needs is left out, what both need stays", () => {
  const bundle = bundleOf(
    chunk("index.js", { isEntry: true, dynamicImports: ["round.js", "coverage.js"], imports: ["vue.js"] }),
    chunk("vue.js"),
    chunk("round.js", { facadeModuleId: "/pwa/src/field/Round.vue", imports: ["status.js"] }),
    chunk("coverage.js", {
      facadeModuleId: "/pwa/src/office/Coverage.vue",
      imports: ["status.js", "table.js", "vue.js"],
      css: ["coverage.css"],
    }),
    chunk("status.js", { css: ["status.css"] }),
    chunk("table.js", { css: ["table.css"] }),
  );
  expect([...officeOnly(bundle)].sort()).toEqual(["coverage.css", "coverage.js", "table.css", "table.js"]);
});

test("chunks that import each other in a circle end the walk", () => {
  const bundle = bundleOf(
    chunk("index.js", { isEntry: true, imports: ["a.js"] }),
    chunk("a.js", { imports: ["b.js"] }),
    chunk("b.js", { imports: ["a.js"] }),
  );
  expect(officeOnly(bundle).size).toBe(0);
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "precache-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(name: string, content: string) {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}

test("the start page is kept as /, hashed assets without a revision, the rest with one", () => {
  put("index.html", "<!doctype html>");
  put("assets/index-B39i-2W-.js", "1");
  put("assets/index-B39i-2W-.js.map", "{}");
  put("assets/coverage-Aa12_b34.js", "2");
  put("icons/icon-192.png", "png");
  put("service-worker.js", "old");
  put(".vite/manifest.json", "{}");
  const manifest = precacheManifest(root, new Set(["assets/coverage-Aa12_b34.js"]));
  expect(manifest).toEqual([
    { url: "/assets/index-B39i-2W-.js", revision: null },
    { url: "/icons/icon-192.png", revision: expect.stringMatching(/^[0-9a-f]{16}$/) },
    { url: "/", revision: expect.stringMatching(/^[0-9a-f]{16}$/) },
  ]);
});

test("a changed start page changes its revision", () => {
  put("index.html", "one");
  const [before] = precacheManifest(root, new Set());
  put("index.html", "two");
  const [after] = precacheManifest(root, new Set());
  expect(after?.revision).not.toBe(before?.revision);
});
