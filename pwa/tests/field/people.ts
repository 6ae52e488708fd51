/** The cast of the demo project as view records: 何桂兰 leads T07, 罗秀芬 T08; small, with ids that can be read. */

import type { AreaCheck, Finding, Post } from "../../src/contract";
import type { RoundRecords } from "../../src/field/model/records";
import type { ViewRecord } from "../../src/store";

export const LEAD = "何桂兰";
export const OTHER_LEAD = "罗秀芬";
export const CLEANER = "王小燕";

export function view<Data>(
  kind: string,
  id: string,
  data: Data,
  part: Partial<ViewRecord<Data>> = {},
): ViewRecord<Data> {
  return {
    id,
    kind,
    space: "qyl",
    seq: 1,
    deleted: false,
    data,
    created_by_change: `c-${id}`,
    last_change: `c-${id}`,
    versions: {},
    contested: [],
    pending: false,
    parked: false,
    ...part,
  };
}

const SINCE = "2026-11-02";

export function post(id: string, team: string, part: Partial<Post> = {}): ViewRecord<Post> {
  return view("post", id, {
    code: id,
    name: `${id}岗`,
    team,
    post_type: "clean_building",
    shift: "day",
    certificates: false,
    effective_from: SINCE,
    ...part,
  } satisfies Post);
}

export function check(id: string, unit: string, part: Partial<AreaCheck> = {}): ViewRecord<AreaCheck> {
  const day = part.business_date ?? "2026-11-20";
  return view("area_check", id, {
    inspection: `visit-${day}`,
    unit,
    post: unit.slice(0, 4),
    level: "daily",
    inspector: LEAD,
    business_date: day,
    standard_version: 1,
    started_at: `${day}T09:00:00+08:00`,
    ended_at: `${day}T09:05:00+08:00`,
    results: [{ item: "CL-01", result: "conform" }],
    result: "conform",
    ...part,
  } satisfies AreaCheck);
}

export function finding(id: string, checkId: string, part: Partial<Finding> = {}): ViewRecord<Finding> {
  return view("finding", id, {
    check: checkId,
    unit: "P029-A1",
    post: "P029",
    level: "daily",
    item: "CL-04",
    standard_version: 1,
    found_by: LEAD,
    found_at: "2026-11-20T09:04:00+08:00",
    description: "顶角蛛网两处",
    proposed_class: "MIN",
    state: "open",
    ...part,
  } satisfies Finding);
}

/** Two teams; T07 has post P029 with two areas and P030 with one, T08 has P035. Nothing checked yet. */
export function project(part: Partial<RoundRecords> = {}): RoundRecords {
  const area = (id: string) =>
    view("area", id, { code: id, name: `${id}区`, post: id.slice(0, 4), effective_from: SINCE });
  return {
    centres: [
      view("project_centre", "centre", {
        code: "QYL",
        name: "青砚里住宅小区（演示）",
        branch: "EAST",
        active: true,
        coverage_mode: "rolling" as const,
        coverage_start: SINCE,
        grace_hours: 24,
      }),
    ],
    teams: [
      view("team", "T07", { code: "T07", name: "保洁一班", name_en: "Cleaning 1" }),
      view("team", "T08", { code: "T08", name: "保洁二班" }),
    ],
    items: [],
    people: [LEAD, OTHER_LEAD, CLEANER].map((name) =>
      view("person", name, { name, grade: "staff" as const, active: true }),
    ),
    posts: [post("P030", "T07"), post("P029", "T07"), post("P035", "T08")],
    areas: [area("P029-A2"), area("P029-A1"), area("P030-A1")],
    scopes: [
      view("inspector_scope", "s7", { inspector: LEAD, team: "T07", starts_on: SINCE }),
      view("inspector_scope", "s8", { inspector: OTHER_LEAD, team: "T08", starts_on: SINCE }),
    ],
    deputies: [],
    pauses: [],
    calendars: [view("work_calendar", "2026", { year: 2026, confirmed: true, days: [] })],
    inspections: [],
    findings: [],
    checks: [],
    drafts: [],
    ...part,
  };
}

export const at = (time: string) => Date.parse(`${time}+08:00`);
