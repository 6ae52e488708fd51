import { beforeEach, expect, test } from "vitest";
import { AT_ONCE, Ballast, type FileLike, NEEDED, STEP, WHOLE } from "./ballast.ts";

const MEGABYTE = 1024 * 1024;

/** A file on a disk of which `free` bytes are left; when it is full, it answers as Chromium does. */
class SmallDisk implements FileLike {
  size = 0;

  constructor(
    public free: number,
    private readonly onFull: () => number = () => 2 ** 32 - 8,
  ) {}

  getSize() {
    return this.size;
  }

  write(bytes: Uint8Array, { at }: { at: number }) {
    const more = Math.max(0, at + bytes.length - this.size);
    if (more > this.free) return this.onFull();
    this.free -= more;
    this.size += more;
    return bytes.length;
  }

  truncate(size: number) {
    this.free += this.size - size;
    this.size = size;
  }
}

let disk: SmallDisk;
let ballast: Ballast;

function on(free: number, onFull?: () => number): void {
  disk = new SmallDisk(free, onFull);
  ballast = new Ballast(disk, new Uint8Array(MEGABYTE));
}

beforeEach(() => on(100 * MEGABYTE));

test("keep lays the ballast whole and leaves the room of its trial free", () => {
  expect(ballast.keep()).toEqual({ fits: true, whole: true });
  expect(disk).toMatchObject({ size: WHOLE, free: 100 * MEGABYTE - WHOLE });
});

test("give, where there is room, takes nothing for good", () => {
  ballast.keep();
  expect(ballast.give()).toEqual({ fits: true, whole: true });
  expect(disk.size).toBe(WHOLE);
});

test("on a full disk give parts with so much that a write is safe, step by step, and says when none is left", () => {
  ballast.keep();
  disk.free = 0;
  expect(ballast.give()).toEqual({ fits: true, whole: false });
  expect(disk).toMatchObject({ size: WHOLE - STEP, free: STEP });
  disk.free = 0;
  expect(ballast.give()).toEqual({ fits: true, whole: false });
  expect(disk.size).toBe(0);
  disk.free = AT_ONCE - 1;
  expect(ballast.give()).toEqual({ fits: false, whole: false });
  expect(disk.free).toBe(AT_ONCE - 1);
});

test("a save waits for the short trial only; the look after it makes room for the next ones", () => {
  ballast.keep();
  ballast.give();
  disk.free = NEEDED - 1;
  expect(ballast.give()).toEqual({ fits: true, whole: true });
  expect(ballast.refill()).toEqual({ fits: true, whole: false });
  disk.free = AT_ONCE;
  ballast.refill();
  disk.free = AT_ONCE;
  expect(ballast.refill()).toEqual({ fits: false, whole: false });
  expect(ballast.give()).toEqual({ fits: false, whole: false });
  disk.free = NEEDED;
  expect(ballast.give()).toEqual({ fits: true, whole: false });
});

test("on a full disk keep gives up nothing, and takes nothing of what is left", () => {
  ballast.keep();
  disk.free = NEEDED - 1;
  expect(ballast.keep()).toEqual({ fits: false, whole: true });
  expect(disk).toMatchObject({ size: WHOLE, free: NEEDED - 1 });
  ballast.give();
  const { free } = disk;
  expect(ballast.keep()).toEqual({ fits: false, whole: false });
  expect(disk).toMatchObject({ size: WHOLE - STEP, free });
});

test("a browser that throws on a full disk is understood as well", () => {
  on(NEEDED - 1, () => {
    throw new DOMException("full", "QuotaExceededError");
  });
  expect(ballast.give()).toEqual({ fits: false, whole: false });
});

test("what a killed trial left behind is no ballast", () => {
  ballast.keep();
  disk.write(new Uint8Array(2 * MEGABYTE), { at: WHOLE });
  expect(ballast.give()).toEqual({ fits: true, whole: true });
  expect(disk.size).toBe(WHOLE);
});
