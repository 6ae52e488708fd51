/**
 * Queues and applies, never merges. How an app starts (also offline, also after a kill):
 *
 *   const watch = new ClockWatch();
 *   const transport = new Transport();
 *   const session = await Session.open(transport);            // session.current.value: null → show sign-in
 *   await session.signIn(username, password, deviceName);     // "ok" | "wrong" | "offline" | "limited" …
 *   const { user } = session.current.value;
 *   const replica = await openReplica({ server: location.origin, user: user.id, kinds: KINDS, stamp: watch.stamp,
 *                                       firstN: await session.firstN(user.id) });
 *   const sync = startSync(replica, { session, transport, watch });
 *   sync.status.subscribe(show) · await sync.syncNow() · await sync.stop()
 *
 * A save: `await replica.save(makeCommit(space, [
 *   { op: "create", kind: "area_check", record: checkId, set: {…} },
 *   { op: "patch", seen: finding, set: { note } },
 * ], { kinds: KINDS, blobs: [sha256] }), draftId)`.
 * A photo: `const photo = await preparePhoto(file)` → `replica.blobs.put(photo.blob)`.
 */
export { type ClockMemory, type Clocks, ClockWatch, deviceClocks, zoned } from "./clock";
export {
  type CommitOptions,
  type Creation,
  type Deletion,
  type Edit,
  makeCommit,
  type Patch,
} from "./commit";
export { type ScopeAnswer, spacePath } from "./engine";
export type { Farewell, ShutOut } from "./farewell";
export { PhotoFailure, type PreparedPhoto, preparePhoto } from "./images";
export { type SyncHandle, type SyncOptions, startSync } from "./loop";
export { Observable } from "./observable";
export { Session, type SessionFacts, type SessionSpace, type SessionUser, type SignIn } from "./session";
export type { PauseReason, Phase, PhotoProgress, SyncStatus } from "./status";
export type { Surroundings } from "./surroundings";
export { CLIENT_HEADER, type Outcome, type Problem, Transport, type Trouble } from "./transport";
export { AppUpdate, type UpdateState } from "./update";
export { type RandomBytes, uuid7, uuid7Maker } from "./uuid7";
