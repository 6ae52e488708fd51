// The vectors of server/rules/cases, which pytest runs against the server's canonical JSON.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonical } from "./canonical.ts";

const file = new URL("../../../server/rules/cases/canonical.json", import.meta.url);
const { cases, refused } = JSON.parse(readFileSync(file, "utf8")) as {
  cases: { name: string; value: unknown; text: string; sha256: string }[];
  refused: { name: string; json: string }[];
};

describe("canonical JSON", () => {
  it.each(cases)("$name", ({ value, text, sha256 }) => {
    expect(canonical(value)).toBe(text);
    expect(createHash("sha256").update(canonical(value), "utf8").digest("hex")).toBe(sha256);
  });

  it.each(refused)("refuses $name", ({ json }) => {
    expect(() => canonical(JSON.parse(json))).toThrow(RangeError);
  });

  it("refuses what is no JSON", () => {
    expect(() => canonical({ a: undefined })).toThrow(RangeError);
  });
});
