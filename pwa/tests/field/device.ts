import { IDBFactory, IDBKeyRange, IDBObjectStore } from "fake-indexeddb";
import { ref, shallowRef } from "vue";
import { KINDS } from "../../src/contract";
import type { RoundRecords } from "../../src/field/model/records";
import type { Tablet } from "../../src/field/tablet";
import { openReplica, type Replica, type ViewRecord } from "../../src/store";
import { ClockWatch } from "../../src/sync/clock";
import { LEAD } from "./people";

Object.assign(globalThis, { IDBKeyRange, IDBObjectStore });

/** A tablet over an IndexedDB in memory, its clock where the test puts it; nothing syncs. */
export async function deviceAt(
  wall: () => number,
  factory = new IDBFactory(),
): Promise<Tablet & { factory: IDBFactory }> {
  const clock = new ClockWatch({ wall, monotonic: wall });
  const replica = await openReplica({
    server: "http://rounds.test",
    user: LEAD,
    kinds: KINDS,
    now: wall,
    stamp: clock.stamp,
    factory,
    storage: null,
  });
  return {
    factory,
    user: { id: LEAD, username: "t07", name: LEAD },
    replica,
    clock,
    sync: { syncNow: async () => {}, retryPhoto: async () => {} },
    status: shallowRef({} as Tablet["status"]["value"]),
    now: ref(wall()),
    today: ref("2026-11-23"),
    turn: ref(""),
    followed: new Set(["qyl"]),
    shown: () => {},
    close: async () => replica.close(),
  };
}

/** Pulls these records into the replica as the server would send them. */
export async function pull(replica: Replica, records: RoundRecords): Promise<void> {
  const { drafts: _, ...kinds } = records;
  const all: readonly ViewRecord<object>[] = Object.values(kinds).flat();
  const asked = await replica.nextQuestion("qyl");
  await replica.applyPage(asked, {
    epoch: "e1",
    since: 0,
    to: all.length,
    head: all.length,
    at: "00",
    more: false,
    records: all.map(({ kind, id, data, created_by_change, last_change }, i) => ({
      kind,
      id,
      seq: i + 1,
      deleted: false,
      data: { ...data },
      created_by_change,
      last_change,
      versions: {},
      contested: [],
    })),
  });
}
