import { describe, expect, it } from "vitest";
import { type Finding, KINDS } from "../../contract/index.ts";
import { changedSince, linesOf, type Snapshot, type Who } from "../../rules/index.ts";
import type { ViewRecord } from "../../store/index.ts";
import { makeCommit } from "../../sync/commit.ts";
import { acknowledge, close, correct, type Evaluation, evaluate, stepsOf, verify } from "./following.ts";

const HE = "he";
const LEAD: Who = { user: HE, roles: ["team_lead"], inCharge: () => true };
const STRANGER: Who = { user: "tang", roles: ["team_lead"], inCharge: () => false };

const FOUND = {
  check: "check",
  unit: "unit",
  post: "post",
  level: "daily",
  item: "CL-04",
  standard_version: 1,
  found_by: HE,
  found_at: "2026-11-23T09:00:00+08:00",
  description: "电梯厅地面有污渍",
  proposed_class: "MIN",
  state: "open",
} as Finding;

function finding(data: Partial<Finding> = {}, versions: Record<string, string> = {}): ViewRecord<Finding> {
  return {
    id: "f1",
    kind: "finding",
    space: "qyl",
    seq: 1,
    deleted: false,
    data: { ...FOUND, ...data },
    created_by_change: "c1",
    last_change: "c1",
    versions,
    contested: [],
    pending: false,
    parked: false,
  };
}
const NAMED: Partial<Finding> = {
  class: "GEN",
  attribution: "personal",
  responsible_person: "wang",
  disposition: "correct_by",
  due_at: "2026-11-24T09:00:00+08:00",
  present: "present",
};
const FORM = { ...NAMED, class_table_version: 1, excuse: "" } as Evaluation;
const commit = (edits: Parameters<typeof makeCommit>[1]) =>
  makeCommit("qyl", edits, { kinds: KINDS }).changes;

describe("what may be done next", () => {
  it.each([
    ["open", {}, false, ["evaluate"]],
    ["evaluated", NAMED, false, ["evaluate", "sign"]],
    [
      "evaluated",
      { ...NAMED, attribution: "facility", responsible_person: null },
      false,
      ["evaluate", "correct"],
    ],
    ["evaluated", { ...NAMED, class: "OBS" }, false, ["evaluate", "close"]],
    ["acknowledged", { ...NAMED, acknowledgement: "s1" }, false, ["evaluate", "correct"]],
    ["acknowledged", { ...NAMED, acknowledgement: "s1" }, true, ["evaluate", "sign", "correct"]],
    ["corrected", { ...NAMED, acknowledgement: "s1" }, false, ["evaluate", "verify"]],
    ["verification_failed", { ...NAMED, acknowledgement: "s1" }, false, ["evaluate", "correct"]],
    ["closed", { ...NAMED, acknowledgement: "s1" }, false, []],
  ] as const)("%s (%#)", (state, data, unsigned, steps) => {
    expect(stepsOf(finding({ ...data, state } as Partial<Finding>), LEAD, unsigned)).toEqual(steps);
  });

  it("nothing for whoever is not in charge", () => {
    for (const state of ["open", "evaluated", "acknowledged", "corrected"] as const)
      expect(stepsOf(finding({ ...NAMED, state }), STRANGER, true)).toEqual([]);
  });
});

describe("acts as commits", () => {
  it("an evaluation is one change of two units, each with what was seen", () => {
    const [change] = commit([evaluate(finding({}, { evaluation: "e0" }), FORM)]);
    expect(change?.base).toEqual({ evaluation: "e0", state: "c1" });
    expect(change?.set).toMatchObject({ class: "GEN", state: "evaluated", present: "present", excuse: null });
  });

  it("a second evaluation leaves state and presence alone", () => {
    const [change] = commit([evaluate(finding({ ...NAMED, state: "acknowledged" }), FORM)]);
    expect(Object.keys(change?.base ?? {})).toEqual(["evaluation"]);
  });

  it("a signature comes with the findings that it stands for, and for the eyes of those concerned", () => {
    const one = finding({ ...NAMED, state: "evaluated" }, { evaluation: "e1" });
    const snapshot = {
      signature: "s1",
      act: "signed",
      check: "check",
      unit: "unit",
      signer: { id: "wang", name: "王秀英" },
      recorded_by: { id: HE, name: "何桂兰" },
      witness: null,
      reason: null,
      device: "d1",
      signed_at: "2026-11-23T09:10:00+08:00",
      clock_offset_ms: -20,
      lines: linesOf(one),
    } as unknown as Snapshot;
    const [signature, patch] = commit(acknowledge(snapshot, "{}", "A".repeat(86), [one]));
    expect(signature).toMatchObject({
      op: "create",
      kind: "signature",
      record: "s1",
      audience: ["management", "person:wang", "person:he"],
    });
    expect(signature?.set?.lines).toContainEqual({
      record: "f1",
      unit: "evaluation",
      version: "e1",
      fields: ["class", "attribution", "responsible_person"],
    });
    expect(patch).toMatchObject({
      set: { state: "acknowledged", acknowledgement: "s1" },
      base: { state: "c1" },
    });
  });

  it("signing anew moves no state", () => {
    const one = finding({ ...NAMED, state: "correcting", acknowledgement: "s0" });
    const snapshot = {
      signer: { id: "wang" },
      recorded_by: { id: HE },
      witness: null,
      reason: null,
      clock_offset_ms: null,
      signature: "s1",
      lines: [],
    } as unknown as Snapshot;
    const [, patch] = commit(acknowledge(snapshot, "{}", "", [one]));
    expect(patch?.set).toEqual({ acknowledgement: "s1" });
  });

  it("a correction goes by the states that lie between, each on the one before", () => {
    const changes = commit(
      correct(finding({ ...NAMED, state: "acknowledged" }), {
        id: "k1",
        result: " 已清洗 ",
        corrected_by: "wang",
        recorded_by: HE,
        corrected_at: "2026-11-23T10:00:00+08:00",
        photos: [],
      }),
    );
    expect(changes.map(({ set }) => set?.state)).toEqual(["correcting", "corrected"]);
    expect(changes[1]?.base?.state).toBe(changes[0]?.id);
    expect(changes[1]?.add?.corrections?.[0]).toMatchObject({ id: "k1", value: { result: "已清洗" } });
  });

  it("a verification names what it judges; passed closes, failed sends back with a new deadline", () => {
    const corrected = finding({ ...NAMED, state: "corrected" }, { state: "s9", corrections: "k9" });
    const said = { correction: "k1", verified_by: HE, verified_at: "2026-11-23T12:00:00+08:00", note: "" };
    const passed = commit(verify(corrected, { ...said, passed: true, due_at: null }));
    expect(passed.map(({ set }) => set?.state)).toEqual(["verified", "closed"]);
    expect(passed[0]?.base).toEqual({ state: "s9", corrections: "k9" });
    expect(passed[1]?.base).toEqual({ state: passed[0]?.id, verifications: passed[0]?.id });
    const due_at = "2026-11-25T09:00:00+08:00";
    const failed = commit(verify(corrected, { ...said, passed: false, due_at }));
    expect(failed.map(({ set }) => set)).toEqual([
      { state: "verification_failed" },
      { state: "correcting", due_at },
    ]);
  });

  it("an observation is closed", () => {
    expect(commit([close(finding({ class: "OBS", state: "evaluated" }))])[0]?.set).toEqual({
      state: "closed",
    });
  });
});

describe("what a signature still covers", () => {
  const signed = finding({ ...NAMED, state: "acknowledged" }, { evaluation: "e1" });
  const snapshot = { lines: linesOf(signed) };

  it("all of it, whatever deadline, disposition and state become", () => {
    const later = finding(
      { ...NAMED, due_at: null, disposition: "redo", state: "corrected" },
      { evaluation: "e2" },
    );
    expect(changedSince(snapshot, later)).toEqual([]);
  });

  it("not a class that changed", () => {
    expect(changedSince(snapshot, finding({ ...NAMED, class: "SER" }))).toEqual([
      { unit: "evaluation", field: "class", signed: "GEN", present: "SER" },
    ]);
  });

  it("not a photo that came later", () => {
    const photos = [{ id: "p", value: "photo" }];
    expect(changedSince(snapshot, finding({ ...NAMED, photos })).map(({ field }) => field)).toEqual([
      "photos",
    ]);
  });
});
