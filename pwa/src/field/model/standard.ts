import type { Area, CheckItem, Post, PostType, Standard } from "../../contract";
import { type Day, unitItems } from "../../rules";
import type { Records } from "./records";

export interface StandardRecords {
  standards: Records<Standard>;
  items: Records<CheckItem>;
  postTypes: Records<PostType>;
}

/** The items of one unit, and the version of the standard that they are taken from. */
export interface UnitStandard {
  version: number;
  items: readonly CheckItem[];
}

/** Version in force on a day: the newest published one whose day has come (Q1-3.3b); null before the first. */
export function versionOn(standards: Records<Standard>, day: Day): number | null {
  const inForce = standards.filter(({ data }) => data.state === "published" && data.effective_on <= day);
  return inForce.reduce<number | null>((best, { data }) => Math.max(best ?? 0, data.version), null);
}

/** What is to be checked at a unit by one version (domain 8); `area` null: the post itself. */
export function standardOf(
  records: StandardRecords,
  version: number,
  post: Post,
  area: Area | null,
): UnitStandard {
  const ofVersion = <Row extends { data: { version: number } }>(rows: readonly Row[]) =>
    rows.filter(({ data }) => data.version === version);
  const items = unitItems(
    ofVersion(records.items).map(({ data }) => data),
    ofVersion(records.postTypes).map(({ data }) => data),
    {
      area: area === null ? null : area.code,
      post_type: post.post_type,
      certificates: post.certificates,
      items_off: area?.items_off ?? null,
    },
  );
  return { version, items };
}
