import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import en from "./review.en";
import zh from "./review.zh";

const catalogue = readFileSync(new URL("../../../../../server/failures.py", import.meta.url), "utf8");
const parked = catalogue.slice(catalogue.indexOf("PARKED:"), catalogue.indexOf("CATALOGUE:"));
const codes = [...parked.matchAll(/^ {4}"([a-z_]+)": Words\(/gm)].map((found) => found[1] as string);

/** Only a broken client, or somebody who writes past this app, is parked for these: they say `other`. */
const NOT_OF_THIS_APP = [
  "append_only",
  "base_missing",
  "create_with_base",
  "element_policy",
  "not_deletable",
  "record_unreadable",
  "server_only",
  "unknown_unit",
  "wrong_value",
];

describe("why something is parked", () => {
  it("is said in both languages for every code of the server", () => {
    expect(codes).toContain("signature_incomplete");
    expect(codes.length).toBeGreaterThan(40);
    const silent = (words: object) => codes.filter((code) => !(code in words));
    expect(silent(zh.parked.reason).sort()).toEqual(NOT_OF_THIS_APP);
    expect(silent(en.parked.reason).sort()).toEqual(NOT_OF_THIS_APP);
  });

  it("says of each what signatures are parked for, and not the same of two", () => {
    const signing = [
      "no_device_key",
      "signature_invalid",
      "snapshot_mismatch",
      "signature_incomplete",
    ] as const;
    for (const words of [zh.parked.reason, en.parked.reason]) {
      expect(new Set(signing.map((code) => words[code])).size).toBe(signing.length);
    }
  });
});
