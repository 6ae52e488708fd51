import type { DeviceStore } from "../store";

/** The public half, as the server keeps it. */
export interface PublicKey {
  kty: string;
  crv: string;
  x: string;
  y: string;
}

interface KeptKey {
  private: CryptoKey;
  public: PublicKey;
}

const KEY = "signing_key";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

/**
 * The key by which this device vouches for what was signed on it: ECDSA P-256, made here, and not to be taken
 * out by any script. Only its public half leaves the device.
 */
export class DeviceKey {
  constructor(private readonly store: DeviceStore) {}

  /** The public half; makes the key if there is none yet. */
  async publicKey(): Promise<PublicKey> {
    return ((await this.kept()) ?? (await this.make())).public;
  }

  /** Signs the UTF-8 bytes of a text: SHA-256, r and s in base64url. Throws if this device has no key. */
  async sign(text: string): Promise<string> {
    const kept = await this.kept();
    if (kept === null) throw new Error("this device has no signing key");
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    const made = await crypto.subtle.sign(algorithm, kept.private, new TextEncoder().encode(text));
    return base64url(new Uint8Array(made));
  }

  /** Forgets it: the device becomes a new one. */
  forget(): Promise<void> {
    return this.store.remove(KEY);
  }

  private kept(): Promise<KeptKey | null> {
    return this.store.get<KeptKey>(KEY);
  }

  private async make(): Promise<KeptKey> {
    const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
    if (!kty || !crv || !x || !y) throw new Error("the browser made a key without its parts");
    const kept: KeptKey = { private: pair.privateKey, public: { kty, crv, x, y } };
    await this.store.set(KEY, kept);
    return kept;
  }
}

export function base64url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}
