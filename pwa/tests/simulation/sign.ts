import { type Finding, SNAPSHOT_FORM } from "../../src/contract/index.ts";
import { acknowledge } from "../../src/field/model/following.ts";
import { sheetOf } from "../../src/field/model/sheet.ts";
import { canonical, type Snapshot } from "../../src/rules/index.ts";
import type { Replica, ViewRecord } from "../../src/store/index.ts";
import { DeviceKey } from "../../src/sync/device-key.ts";
import { type Edit, zoned } from "../../src/sync/index.ts";
import type { Tablet } from "./tablet.ts";

const STROKES: Snapshot["strokes"] = [
  [
    [12, 40, 0],
    [18, 36, 16],
  ],
];

/** The edits of an evaluated finding's signature, made of what is on the sheet; null where there is nobody to sign. */
export async function signed(tablet: Tablet, replica: Replica, seen: ViewRecord): Promise<Edit[] | null> {
  const finding = seen as unknown as ViewRecord<Finding>;
  const { state, responsible_person: signer } = finding.data;
  if (state !== "evaluated" || !signer || finding.data.class === "OBS") return null;
  const snapshot = await snapshotOf(tablet, replica, finding, signer);
  const text = canonical(snapshot);
  const seal = await new DeviceKey(tablet.session.store).sign(text);
  return acknowledge(snapshot, text, seal, [finding]);
}

async function snapshotOf(
  tablet: Tablet,
  replica: Replica,
  finding: ViewRecord<Finding>,
  signer: string,
): Promise<Snapshot> {
  const { queries } = replica;
  const photos = (finding.data.photos ?? []).map(({ value }) => value);
  const sheet = sheetOf([finding], signer, {
    language: "zh-CN",
    post: await queries.record(finding.data.post),
    area: finding.data.unit === finding.data.post ? null : await queries.record(finding.data.unit),
    people: await queries.recordsOfKind("person"),
    items: await queries.recordsOfKind("check_item"),
    photos: await queries.records(photos),
    classes: [],
    attributions: [],
    unknown: "?",
  });
  const { user, device } = tablet.session.current.value ?? { user: { id: "", name: "" }, device: "" };
  return {
    form: SNAPSHOT_FORM,
    signature: tablet.uuid(),
    act: "signed",
    ...sheet,
    device,
    recorded_by: { id: user.id, name: user.name },
    witness: null,
    reason: null,
    signed_at: zoned(tablet.wall()),
    clock_offset_ms: Math.round(tablet.watch.stamp().clock.offset * 1000),
    identified: { by: "pin", pin_version: 1 },
    language: "zh-CN",
    strokes: STROKES,
    typed_name: null,
  };
}
