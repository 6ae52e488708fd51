/**
 * The device's replica. What screens use:
 *
 *   const replica = await openReplica({ server: location.origin, user, kinds: KINDS, stamp: clock.stamp });
 *   const { sha256 } = await replica.blobs.put(jpeg);              // bytes first
 *   await replica.save(makeCommit(space, changes, { blobs: [sha256] }), draftId);  // then the commit; "saved" now
 *   replica.queries.record(id) · recordsOfKind(kind) · byUnit(kind, unit) · newestByUnit(kind, units)
 *   const stop = replica.queries.watch(["area_check"], () => replica.queries.byUnit("area_check", unit), show);
 *   replica.drafts.put({ id, kind, data, blobs }) · get · list · discard
 *   replica.outbox.list(["parked", "aside"]) · backlog()
 *   replica.room.camera() → may a photo be taken? · facts() · persist()
 *
 * `makeCommit`, the clock, sign-in and the sync loop are in `../sync`.
 */
export { KEEP_VERIFIED } from "./blobs";
export type { Listener } from "./changed";
export { checksumOf } from "./checksum";
export { DeviceStore } from "./device";
export { CommitTooLarge, isQuotaError, StorageFull, StoreFailure } from "./failures";
export type { Disk, Standing } from "./ground";
export { KEEP_ACKNOWLEDGED } from "./outbox";
export { unitOf } from "./overlay";
export type { Applied, Asked } from "./pages";
export { concerns } from "./queries";
export { openReplica, Replica, type ReplicaOptions } from "./replica";
export type { StorageFacts } from "./room";
export { MOST_CHANGES, MOST_COMMIT_BYTES, type Saved } from "./save";
export { COMMIT_FORMAT } from "./schema";
export { DISCARDED } from "./settle";
export type * from "./types";
