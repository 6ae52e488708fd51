import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import fieldEn from "../../field/words/en";
import fieldZh from "../../field/words/zh";
import officeEn from "../../office/messages.en";
import officeZh from "../../office/messages.zh";
import appEn from "./app.en";
import appZh from "./app.zh";

type Tree = { [key: string]: unknown };
const leaves = (tree: Tree, path = ""): Map<string, string> =>
  new Map(
    Object.entries(tree).flatMap(([key, value]): [string, string][] => {
      if (typeof value === "string") return [[path + key, value]];
      if (Array.isArray(value))
        return value.map((one, i): [string, string] => [`${path}${key}.${i}`, String(one)]);
      return [...leaves(value as Tree, `${path}${key}.`)];
    }),
  );
const names = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe.each([
  ["shell", appZh, appEn],
  ["field", fieldZh, fieldEn],
  ["office", officeZh, officeEn],
])("the words of the %s", (_area, zh, en) => {
  const chinese = leaves(zh as Tree);
  const english = leaves(en as Tree);

  it("are complete in both languages", () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  it("name the same values", () => {
    const differ = [...chinese].filter(
      ([key, text]) => names(text).join() !== names(english.get(key) ?? "").join(),
    );
    expect(differ).toEqual([]);
  });

  it("use full-width punctuation in Chinese and hold no Chinese in English", () => {
    const half = [...chinese].filter(([, text]) => /[一-鿿][,;:!?(]|[,;:!?)][一-鿿]/.test(text));
    expect(half).toEqual([]);
    expect([...english].filter(([, text]) => /[一-鿿，。：；]/.test(text))).toEqual([]);
  });
});

describe("keys that the screens name", () => {
  const known = new Set([...leaves(appZh as Tree).keys(), ...leaves(fieldZh as Tree).keys()]);
  const files = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.(vue|ts)$/.test(entry.name) && !/\.test\.ts$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
  const root = join(import.meta.dirname, "../..");
  const texts = [...files(join(root, "field")), ...files(join(root, "ui"))].map((file) =>
    readFileSync(file, "utf8"),
  );

  it("all exist", () => {
    const named = texts.flatMap((text) =>
      [...text.matchAll(/["'`]((?:app|field)\.[\w.]+)["'`]/g)].map(([, key]) => key ?? ""),
    );
    expect(named.length).toBeGreaterThan(100);
    expect([...new Set(named)].filter((key) => !known.has(key))).toEqual([]);
  });

  it("exist below every prefix that is completed at run time", () => {
    const prefixes = texts.flatMap((text) =>
      [...text.matchAll(/`((?:app|field)\.[\w.]*)\$\{/g)].map(([, key]) => key ?? ""),
    );
    expect(prefixes.length).toBeGreaterThan(10);
    expect(prefixes.filter((prefix) => ![...known].some((key) => key.startsWith(prefix)))).toEqual([]);
  });
});

describe("class names", () => {
  it("of the field app, which are there from the start, are none that the office uses", () => {
    const root = join(import.meta.dirname, "../..");
    const read = (folder: string) =>
      readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && /\.(vue|css)$/.test(entry.name))
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    const styled = (text: string) =>
      text.includes("<template>") ? (/<style[^>]*>([\s\S]*)<\/style>/.exec(text)?.[1] ?? "") : text;
    const field = new Set(
      read("field").flatMap((text) => styled(text).match(/(?<=\.)[a-z][\w-]*(?=[\s,:{.)>+~[])/g) ?? []),
    );
    const office = new Set(
      read("office").flatMap((text) =>
        [...text.matchAll(/(?<![:\w-])class="([^"]*)"/g)].flatMap(([, names]) => names?.split(" ") ?? []),
      ),
    );
    expect(field.size).toBeGreaterThan(50);
    const shared = [...office].filter((name) => field.has(name));
    expect(shared.filter((name) => name !== "btn" && name !== "card")).toEqual([]);
  });
});
