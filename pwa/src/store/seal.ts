/**
 * The one place through which every stored record, commit, draft and photo passes on its way to the disk and
 * back. Identity for now; sealing (a key that the user's PIN opens) changes this file and no other.
 *
 * Asynchronous because WebCrypto is: callers seal before they open a transaction, never inside one.
 */
export interface Seal {
  seal(plain: Uint8Array): Promise<Uint8Array>;
  unseal(sealed: Uint8Array): Promise<Uint8Array>;
}

export function openSeal(): Seal {
  return {
    seal: (plain) => Promise.resolve(plain),
    unseal: (sealed) => Promise.resolve(sealed),
  };
}

/** JSON in and out through the seal. */
export class SealedJson {
  private readonly encoder = new TextEncoder();
  private readonly decoder = new TextDecoder();

  constructor(readonly seal: Seal) {}

  async write(value: unknown): Promise<Uint8Array> {
    return this.seal.seal(this.encoder.encode(JSON.stringify(value)));
  }

  async read<T>(sealed: Uint8Array): Promise<T> {
    return JSON.parse(this.decoder.decode(await this.seal.unseal(sealed))) as T;
  }
}
