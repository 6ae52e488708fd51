import type { Core } from "./core";
import { baseVersions } from "./pages";

/**
 * XOR of the first 8 bytes of SHA-256(id ‖ last change id), ids as 36 characters each, over live records, as 16
 * hexadecimal digits (`protocol.md` section 2).
 */
export async function checksumOf(rows: readonly (readonly [string, string])[]): Promise<string> {
  const encoder = new TextEncoder();
  const sum = new Uint8Array(8);
  const digests = await Promise.all(
    rows.map(([id, last]) => crypto.subtle.digest("SHA-256", encoder.encode(id + last))),
  );
  for (const digest of digests) {
    const bytes = new Uint8Array(digest, 0, 8);
    for (let i = 0; i < 8; i++) sum[i] = (sum[i] ?? 0) ^ (bytes[i] ?? 0);
  }
  return [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The checksum of what is held of `space`, and the cursor at which it holds. */
export async function spaceChecksum(core: Core, space: string): Promise<{ seq: number; checksum: string }> {
  const { seq, rows } = await baseVersions(core, space);
  return { seq, checksum: await checksumOf(rows) };
}
