import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KINDS, ROLES } from "../../contract/index.ts";
import { SHAPES, type Shape } from "../../contract/shapes.ts";
import zh from "../messages.zh.ts";
import { differing, fieldOf, linesOf, photosIn, type Speech, same, unitWords, valueWords } from "./values.ts";

function found(key: string): string | undefined {
  const text = key
    .split(".")
    .reduce<unknown>((tree, part) => (tree as Record<string, unknown> | undefined)?.[part], zh);
  return typeof text === "string" ? text : undefined;
}

const SPEECH: Speech = {
  word: (key, named) =>
    (found(key) ?? `?${key}`).replaceAll(/\{(\w+)\}/g, (_, name) => String(named?.[name] ?? "")),
  has: (key) => found(key) !== undefined,
  name: (id) => (id === "he" ? "何桂兰" : null),
  role: (code) => ROLES[code]?.chinese ?? code,
  moment: (text) => `@${text}`,
  day: (text) => `#${text}`,
};
const EVALUATION = [
  "class",
  "class_table_version",
  "attribution",
  "responsible_person",
  "disposition",
  "due_at",
];
const GEN = { class: "GEN", class_table_version: 1, attribution: "team", responsible_person: "he" };
const lines = (value: unknown, all: unknown[]) =>
  linesOf(SPEECH, "finding", "evaluation", EVALUATION, value, all);

describe("values in words", () => {
  it("name every code of every kind, so that no reviewer reads one", () => {
    const raw: string[] = [];
    const look = (kind: string, field: string, shape: Shape): void => {
      if (shape.type === "code")
        for (const code of shape.codes)
          if (valueWords(SPEECH, kind, field, shape, code) === code) raw.push(`${kind}.${field}.${code}`);
      if (shape.type === "list") look(kind, field, shape.of);
      if (shape.type === "struct")
        for (const [name, one] of Object.entries(shape.fields)) look(kind, name, one);
    };
    // Tables are changed by whoever knows their codes; conflicts themselves are never in conflict.
    const tables = ["class_table", "disposition_table", "attribution_table", "sync_conflict", "photo"];
    for (const [kind, fields] of Object.entries(SHAPES))
      if (!tables.includes(kind)) for (const [name, one] of Object.entries(fields)) look(kind, name, one);
    expect(raw).toEqual([]);
  });

  it("name every unit of every kind", () => {
    const units = Object.entries(KINDS).flatMap(([kind, spec]) =>
      kind === "sync_conflict" ? [] : Object.keys(spec.units),
    );
    expect(units.length).toBeGreaterThan(100);
    expect(units.filter((unit) => unitWords(SPEECH, unit) === unit)).toEqual([]);
    expect(unitWords(SPEECH, "*")).toBe("整条记录");
  });

  it("say people, moments, flags and what is not there", () => {
    const say = (field: string, value: unknown) =>
      valueWords(SPEECH, "finding", field, SHAPES.finding?.[field] as Shape, value);
    expect(say("responsible_person", "he")).toBe("何桂兰");
    expect(say("responsible_person", "0193aaaa-0000-7000-8000-00000000abcd")).toBe("另一条记录（…00abcd）");
    expect(say("due_at", "2026-11-23T18:00:00+08:00")).toBe("@2026-11-23T18:00:00+08:00");
    expect([say("class", null), say("note", ""), say("note", "裂缝")]).toEqual(["未评定", "（空）", "裂缝"]);
    expect(say("state", "open")).toBe("未评定");
    expect(valueWords(SPEECH, "finding", "deleted", { type: "flag" }, true)).toBe("删除这条记录");
  });

  it("say an entry of a list field by field, without its codes", () => {
    const value = [
      { id: "e1", value: { correction: "c1", passed: false, verified_by: "he", verified_at: "T" } },
    ];
    const [line] = linesOf(SPEECH, "finding", "verifications", ["verifications"], value, [value]);
    expect(line?.parts[0]?.text).toBe(
      "所验证的纠正：另一条记录（…c1）；验证结果：未通过；验证人：何桂兰；验证时间：@T",
    );
  });
});

describe("what differs", () => {
  it("is told field by field, whatever the order of keys, and nothing is as good as null", () => {
    expect(same({ a: 1, b: null }, { a: 1 })).toBe(true);
    expect(same({ b: [2], a: 1 }, { a: 1, b: [2] })).toBe(true);
    expect(same([], null)).toBe(true);
    expect(same({ a: 1 }, { a: 2 })).toBe(false);
    expect(same([1, 2], [2, 1])).toBe(false);
    const serious = { ...GEN, class: "SER", due_at: null };
    expect([...differing("evaluation", EVALUATION, [GEN, serious])]).toEqual(["class"]);
    expect([...differing("note", ["note"], ["一", "二"])]).toEqual(["note"]);
    expect([...differing("note", ["note"], ["一", "一"])]).toEqual([]);
  });

  it("marks lines, and brings technical fields only where they are what differs", () => {
    const shown = lines(GEN, [GEN, { ...GEN, class: "SER" }]);
    expect(shown.map((line) => line.field)).not.toContain("class_table_version");
    expect(shown.filter((line) => line.differs).map((line) => [line.label, line.parts[0]?.text])).toEqual([
      ["不合格类别", "一般不合格"],
    ]);
    const other = lines(GEN, [GEN, { ...GEN, class_table_version: 2 }]);
    expect(other.find((line) => line.field === "class_table_version")?.differs).toBe(true);
  });

  it("marks the elements of a list that not every side has", () => {
    const one = [{ id: "a", value: "急" }];
    const two = [...one, { id: "b", value: "返修" }];
    const [line] = linesOf(SPEECH, "finding", "tags", ["tags"], two, [one, two]);
    expect(line?.parts).toEqual([
      { text: "急", differs: false },
      { text: "返修", differs: true },
    ]);
  });

  it("reads a group by name, a lone field as it is, and nothing of a deleted record", () => {
    expect(fieldOf("evaluation", EVALUATION, "class", GEN)).toBe("GEN");
    expect(fieldOf("note", ["note"], "note", "裂缝")).toBe("裂缝");
    expect(fieldOf("evaluation", EVALUATION, "class", null)).toBeNull();
    expect(fieldOf("*", ["deleted"], "deleted", { deleted: true })).toBe(true);
    expect(lines(null, [null, GEN])[0]?.parts[0]?.text).toBe("未评定");
  });

  it("numbers photos instead of naming their ids", () => {
    const photos = [
      { id: "e", value: "01890000-0000-7000-8000-000000000001" },
      { id: "f", value: "01890000-0000-7000-8000-000000000002" },
    ];
    const [line] = linesOf(SPEECH, "finding", "photos", ["photos"], photos, [photos]);
    expect(line?.parts.map((part) => part.text).join()).not.toContain("00000");
    expect(line?.parts).toHaveLength(2);
  });

  it("finds the photos that a value names, also of corrections", () => {
    const photos = [
      { id: "e", value: "p1" },
      { id: "f", value: "p2" },
    ];
    expect(photosIn("finding", ["photos"], "photos", photos)).toEqual(["e", "p1", "f", "p2"]);
    const entry = [{ id: "e", value: { result: "已擦净", photos: ["p3"] } }];
    expect(photosIn("finding", ["corrections"], "corrections", entry)).toEqual(["p3"]);
    expect(photosIn("finding", ["note"], "note", "裂缝")).toEqual([]);
  });
});

describe("keys that the office names", () => {
  it("all exist, whole or as the beginning of some", () => {
    const root = join(import.meta.dirname, "..");
    const texts = readdirSync(root, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith(".test.ts"))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    const named = texts.flatMap((text) =>
      [...text.matchAll(/["'`](office\.\w[\w.]*)["'`]/g)].map(([, key]) => key ?? ""),
    );
    const begun = texts.flatMap((text) =>
      [...text.matchAll(/`(office\.[\w.]*)\.\$\{/g)].map(([, key]) => key ?? ""),
    );
    const tree = (key: string) =>
      key
        .split(".")
        .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], zh);
    expect(named.length).toBeGreaterThan(150);
    expect([...new Set(named)].filter((key) => tree(key) === undefined)).toEqual([]);
    expect([...new Set(begun)].filter((key) => typeof tree(key) !== "object")).toEqual([]);
  });
});
