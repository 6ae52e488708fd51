/** What the device must know offline, as pure functions; the server has the same in Python. */

export {
  createRefusals,
  mayBegin,
  mayCreate,
  mayPatch,
  mayStep,
  missingFor,
  type RecordData,
  type Refusal,
  type RefusalCode,
  stepRefusals,
  type Who,
} from "./access.ts";
export { businessDate, corrected, dueEndsAt, type Shift } from "./business-date.ts";
export { type CalendarDay, type CalendarYear, WorkCalendar } from "./calendar.ts";
export { canonical } from "./canonical.ts";
export {
  type ItemRule,
  itemProblems,
  needsPhoto,
  type PhotoRule,
  type Problem,
  type ProblemCode,
  problems,
  type Result,
  type ResultDraft,
  type UnitKind,
  unitItems,
} from "./completeness.ts";
export { deputiesOn, inspectorsOn, isOver, judge, mayCheck, postStates, whyNotCounted } from "./coverage.ts";
export type * from "./coverage-facts.ts";
export { addDays, type Day } from "./days.ts";
export { dueAt, type GradeRow } from "./deadlines.ts";
export { DUE_GROUPS, type DueGroup, type DueList, dueList, type Progress } from "./due-list.ts";
export {
  type FindingFacts,
  type FindingProblem,
  type FindingProblemCode,
  findingProblems,
  newestVerdict,
} from "./findings.ts";
export { inCharge } from "./in-charge.ts";
export {
  type InspectionTime,
  inspectionTime,
  isShort,
  secondsSpent,
  targetSeconds,
  type Visit,
} from "./inspection-time.ts";
export { nextStates } from "./life-cycle.ts";
export { type Score, score } from "./scoring.ts";
export {
  type Act,
  changedSince,
  type Difference,
  linesOf,
  recordLines,
  type Sheet,
  type SheetFinding,
  type SheetLine,
  type Shown,
  type Snapshot,
  type Stroke,
} from "./signing.ts";
export { checkFacts, pausesOf, type Row, scopesOf, type UnitRecords, unitFacts } from "./unit-facts.ts";
