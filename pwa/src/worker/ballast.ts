const MEGABYTE = 1024 * 1024;

/** Room that the ballast holds for saves on a full disk, and how much of it is given up at once. */
export const WHOLE = 16 * MEGABYTE;
export const STEP = 8 * MEGABYTE;
/** What must be free: LevelDB's log (4 MB) is copied into a table when it is full. */
export const NEEDED = 6 * MEGABYTE;
/** What is tried while a save waits for it: more than the largest commit puts down. */
export const AT_ONCE = MEGABYTE;

/** What of a `FileSystemSyncAccessHandle` is used. */
export interface FileLike {
  getSize(): number;
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(size: number): void;
}

/** How the disk stands: whether what was asked for fits, and whether the ballast is there in full. */
export interface Standing {
  fits: boolean;
  whole: boolean;
}

/** Bytes that no file system compresses. */
export function incompressible(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536)
    crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, size)));
  return bytes;
}

/**
 * A file that holds room in reserve and finds out by trying how much the disk still takes. The browser's own estimate
 * will not do: Chromium always tells of a gigabyte to spare.
 */
export class Ballast {
  /** The last thorough look found too little, or there was none yet: then the next save waits for another. */
  private short = true;

  constructor(
    private readonly file: FileLike,
    private readonly piece = incompressible(MEGABYTE),
  ) {}

  /** Before a small write: is it safe? Call `refill` after it, for the writes to come. */
  give(): Standing {
    const size = this.size();
    if (this.short || !this.takes(size, size + AT_ONCE)) return this.refill();
    return { fits: true, whole: size === WHOLE };
  }

  /** Gives up ballast until all that is needed is free, or none is left. On a real disk it takes some 20 ms. */
  refill(): Standing {
    let size = this.size();
    this.short = false;
    while (!this.takes(size, size + NEEDED)) {
      this.short = size === 0;
      if (this.short) return { fits: false, whole: false };
      size = Math.max(0, size - STEP);
      this.file.truncate(size);
    }
    return { fits: true, whole: size === WHOLE };
  }

  /** Before what may wait: makes the ballast whole, and tells whether room is left beside it. Gives up nothing. */
  keep(): Standing {
    const size = this.size();
    const fits = this.grow(size, WHOLE + NEEDED);
    this.file.truncate(fits ? WHOLE : size);
    return { fits, whole: fits || size === WHOLE };
  }

  /** A browser that was killed in the middle of a trial left more than the ballast. */
  private size(): number {
    const size = this.file.getSize();
    if (size > WHOLE) this.file.truncate(WHOLE);
    return Math.min(size, WHOLE);
  }

  private takes(from: number, to: number): boolean {
    const taken = this.grow(from, to);
    this.file.truncate(from);
    return taken;
  }

  private grow(from: number, to: number): boolean {
    try {
      for (let at = from; at < to; at += this.piece.length) {
        const part = this.piece.subarray(0, Math.min(this.piece.length, to - at));
        // On a full disk Chromium does not throw; it returns its error as a number of 4 billion bytes.
        if (this.file.write(part, { at }) !== part.length) return false;
      }
      return true;
    } catch {
      return false;
    }
  }
}
