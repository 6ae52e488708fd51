// The same examples and probes that pytest reads, judged by a third validator: what the device would send
// must be what the server takes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { KINDS } from "../src/contract/index.ts";

const SCHEMAS = join(import.meta.dirname, "../../schemas");
const read = (path: string) => JSON.parse(readFileSync(join(SCHEMAS, path), "utf-8"));
const kinds = read("generated/kinds.json");

const ajv = new Ajv2020({ strict: false, allowUnionTypes: true });
addFormats.default(ajv);

interface Example {
  readonly kind: string;
  readonly set: Record<string, unknown>;
  readonly at?: string;
}

function examples(folder: string): Array<[string, Example]> {
  const names = readdirSync(join(SCHEMAS, "examples", folder));
  return names.map((name) => [name, read(`examples/${folder}/${name}`)]);
}

describe("examples of schemas/examples", () => {
  it.each(examples("valid"))("takes %s", (_name, example) => {
    const judge = ajv.compile(kinds[example.kind].create);
    expect(judge(example.set), JSON.stringify(judge.errors)).toBe(true);
  });

  it.each(examples("invalid"))("refuses %s at the field that is named", (_name, example) => {
    const judge = ajv.compile(kinds[example.kind].create);
    expect(judge(example.set)).toBe(false);
    expect(JSON.stringify(judge.errors)).toContain(example.at);
  });
});

describe("probes of schemas/examples", () => {
  const judge = ajv.compile(read("generated/probe.json"));
  const sound = { id: "01930001-0000-7000-8000-000000000001" };
  const probes: { field: string; value: unknown; valid: boolean; why: string }[] =
    read("examples/probes.json");

  it.each(probes)("$field: $why", ({ field, value, valid }) => {
    expect(judge({ ...sound, [field]: value }), JSON.stringify(judge.errors)).toBe(valid);
  });
});

describe("messages of schemas/examples", () => {
  const messages = read("generated/messages.json");
  const names = readdirSync(join(SCHEMAS, "examples/messages"));

  it.each(names)("judges %s as it says", (name) => {
    const { message, at, body } = read(`examples/messages/${name}`);
    const judge = ajv.compile(messages[message]);
    expect(judge(body), JSON.stringify(judge.errors)).toBe(at === null);
    if (at !== null) expect(JSON.stringify(judge.errors)).toContain(at);
  });
});

describe("generated kinds", () => {
  it("are those of the exported JSON Schema", () => {
    expect(Object.keys(KINDS).sort()).toEqual(Object.keys(kinds).sort());
  });

  it("put every field into exactly one merge unit", () => {
    for (const [name, kind] of Object.entries(KINDS)) {
      const fields = Object.values(kind.units).flatMap((unit) => unit.fields);
      expect(fields.sort(), name).toEqual(Object.keys(kinds[name].create.properties).sort());
    }
  });
});
