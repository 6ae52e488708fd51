import type { CommitDraft } from "../../src/store/index.ts";
import type { Saved, Tablet } from "./tablet.ts";

type Row = Record<string, unknown>;

/** What lies on a tablet's disk, read past the client, and what the tablet has shown and heard. */
export interface Dump {
  username: string;
  user: string | null;
  device: string | null;
  spaces: Row[];
  base: Row[];
  outbox: Row[];
  blobs: Row[];
  bytes: string[];
  saved: Saved[];
  tried: CommitDraft[];
  answers: unknown[];
  held: Record<string, number>;
  sent: Record<string, unknown>;
  codes: Record<string, number>;
}

const decoder = new TextDecoder();
const opened = (sealed: unknown) => JSON.parse(decoder.decode(sealed as Uint8Array)) as Row;

/** Everything of one tablet. The disk may belong to a client that runs, or to none. */
export async function dump(tablet: Tablet): Promise<Dump> {
  const { heard } = tablet.network;
  const disk = await read(tablet);
  return {
    username: tablet.options.username,
    ...disk,
    saved: tablet.saved,
    tried: [...tablet.tried.values()],
    answers: heard.answers,
    held: Object.fromEntries(heard.held),
    sent: Object.fromEntries(heard.sent),
    codes: Object.fromEntries(heard.codes),
  };
}

/** Cursors, and the records with their seqs, as they lie on the disk at this moment. */
export async function read(
  tablet: Tablet,
): Promise<Pick<Dump, "user" | "device" | "spaces" | "base" | "outbox" | "blobs" | "bytes">> {
  const kept = await rows(tablet, "rounds-device", ["kept"]);
  const session = kept?.kept?.find((row) => (row as Row).user !== undefined) as
    | { user: { id: string }; device: string }
    | undefined;
  const found = await tablet.disk.outside.databases();
  const name = found.find((one) => one.name?.startsWith("rounds:"))?.name;
  const stores =
    name === undefined ? null : await rows(tablet, name, ["meta", "base", "outbox", "blobs", "blob_bytes"]);
  const meta = (stores?.meta ?? []).filter((row) => typeof (row as Row | null)?.era === "number") as Row[];
  // A rebuild that is under way lies beside what is shown.
  const shown = meta.filter((row) => row.key === `space:${row.space as string}`);
  const eras = new Set(shown.map(({ era }) => era));
  return {
    user: session?.user.id ?? null,
    device: session?.device ?? null,
    spaces: shown,
    base: ((stores?.base ?? []) as Row[])
      .filter(({ era }) => eras.has(era))
      .map(({ sealed, ...row }) => ({ ...row, ...opened(sealed) })),
    outbox: ((stores?.outbox ?? []) as Row[]).map(({ sealed, answer, ...row }) => ({
      ...row,
      ...opened(sealed),
      answer: answer === null ? null : opened(answer),
    })),
    blobs: (stores?.blobs ?? []) as Row[],
    bytes: ((stores?.blob_bytes ?? []) as Row[]).map(({ sha256 }) => String(sha256)),
  };
}

/** All rows of some stores in one transaction; those with keys apart from them carry it as `key`. */
async function rows(
  tablet: Tablet,
  name: string,
  stores: string[],
): Promise<Record<string, unknown[]> | null> {
  const request = tablet.disk.outside.open(name);
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    // Nobody has made it yet.
    request.onupgradeneeded = () => request.transaction?.abort();
  }).catch(() => null);
  if (database === null) return null;
  const transaction = database.transaction(stores);
  const read = stores.map(
    (store) =>
      new Promise<[string, unknown[]]>((resolve) => {
        const { keyPath } = transaction.objectStore(store);
        const all = transaction.objectStore(store).getAll();
        const keys = transaction.objectStore(store).getAllKeys();
        keys.onsuccess = () => {
          const named = (row: unknown, at: number) =>
            keyPath === null && typeof row === "object" && row !== null
              ? { ...row, key: keys.result[at] }
              : row;
          resolve([store, all.result.map(named)]);
        };
      }),
  );
  const found = Object.fromEntries(await Promise.all(read));
  database.close();
  return found;
}
