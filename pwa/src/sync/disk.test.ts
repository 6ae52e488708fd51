import { expect, expectTypeOf, test } from "vitest";
import type { Standing } from "../store";
import type { Standing as Answered } from "../worker/ballast.ts";
import { type DiskAnswer, DiskDesk, type DiskRequest, type DiskWorkerLike } from "./disk.ts";

class FakeWorker implements DiskWorkerLike {
  readonly asked: DiskRequest[] = [];
  ended = false;
  private message: (event: { data: DiskAnswer }) => void = () => {};
  private error: () => void = () => {};

  postMessage(request: DiskRequest) {
    this.asked.push(request);
  }

  addEventListener(type: "message" | "error", listener: never) {
    if (type === "message") this.message = listener;
    else this.error = listener;
  }

  terminate() {
    this.ended = true;
  }

  answer(standing: Standing | null, id = this.asked.at(-1)?.id ?? 0) {
    this.message({ data: { id, standing } });
  }

  crash() {
    this.error();
  }
}

const WELL = { fits: true, whole: true };

test("both sides of the worker mean the same", () => {
  expectTypeOf<Answered>().toEqualTypeOf<Standing>();
});

test("each asker gets its own answer", async () => {
  const worker = new FakeWorker();
  const desk = new DiskDesk(() => worker);
  const first = desk.ask("give");
  const second = desk.ask("keep");
  worker.answer({ fits: false, whole: true }, worker.asked[1]?.id);
  worker.answer(WELL, worker.asked[0]?.id);
  expect(await second).toEqual({ fits: false, whole: true });
  expect(await first).toEqual(WELL);
});

test("a worker that breaks, or says nothing, holds nobody up", async () => {
  const workers: FakeWorker[] = [];
  const desk = new DiskDesk(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  }, 1);
  expect(await desk.ask("give")).toBeNull();
  const lost = desk.ask("give");
  workers[0]?.crash();
  expect(await lost).toBeNull();
  expect(workers[0]?.ended).toBe(true);
  const found = desk.ask("give");
  workers[1]?.answer(WELL);
  expect(await found).toEqual(WELL);
});
