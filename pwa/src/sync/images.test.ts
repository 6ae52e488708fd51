import { expect, expectTypeOf, test } from "vitest";
import type { Picture, Refusal } from "../worker/picture.ts";
import {
  type ImageAnswer,
  ImageDesk,
  type ImageRequest,
  type ImageWorkerLike,
  PhotoFailure,
  type PreparedPhoto,
} from "./images.ts";

class FakeWorker implements ImageWorkerLike {
  readonly asked: ImageRequest[] = [];
  ended = false;
  private message: (event: { data: ImageAnswer }) => void = () => {};
  private error: () => void = () => {};

  postMessage(request: ImageRequest) {
    this.asked.push(request);
  }

  addEventListener(type: "message" | "error", listener: never) {
    if (type === "message") this.message = listener;
    else this.error = listener;
  }

  terminate() {
    this.ended = true;
  }

  answer(data: ImageAnswer) {
    this.message({ data });
  }

  crash() {
    this.error();
  }
}

const photo: PreparedPhoto = { blob: new Blob(["x"]), sha256: "ab", width: 4, height: 3, taken_at: null };

test("both sides of the worker mean the same", () => {
  expectTypeOf<Picture>().toEqualTypeOf<PreparedPhoto>();
  expectTypeOf<Refusal>().toExtend<PhotoFailure["code"]>();
});

test("each asker gets its own answer, whatever the order", async () => {
  const worker = new FakeWorker();
  const desk = new ImageDesk(() => worker);
  const first = desk.prepare(new Blob(["a"]));
  const second = desk.prepare(new Blob(["b"]));
  const [a, b] = worker.asked;
  worker.answer({ id: b?.id ?? 0, ok: true, photo: { ...photo, sha256: "second" } });
  worker.answer({ id: a?.id ?? 0, ok: false, code: "not_an_image" });
  expect((await second).sha256).toBe("second");
  await expect(first).rejects.toMatchObject({ code: "not_an_image" } satisfies Partial<PhotoFailure>);
});

test("a worker that breaks fails who waits, and the next photo gets a new one", async () => {
  const workers: FakeWorker[] = [];
  const desk = new ImageDesk(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  });
  const lost = desk.prepare(new Blob(["a"]));
  workers[0]?.crash();
  await expect(lost).rejects.toBeInstanceOf(PhotoFailure);
  expect(workers[0]?.ended).toBe(true);
  const found = desk.prepare(new Blob(["b"]));
  workers[1]?.answer({ id: workers[1].asked[0]?.id ?? 0, ok: true, photo });
  expect(await found).toEqual(photo);
});
