/// <reference lib="webworker" />
import { develop, PictureRefused, type Studio } from "./picture";

declare const self: DedicatedWorkerGlobalScope;

/** Resizes photos away from the main thread. One at a time: two 12-megapixel pictures at once fill a small tablet. */
const canvas = new OffscreenCanvas(1, 1);

const studio: Studio = {
  decode: (file) => createImageBitmap(file, { imageOrientation: "from-image" }),
  draw(picture, width, height) {
    canvas.width = width;
    canvas.height = height;
    const surface = canvas.getContext("2d", { alpha: false });
    if (surface === null) throw new Error("no surface to draw on");
    surface.imageSmoothingQuality = "high";
    // What is transparent becomes paper, not black.
    surface.fillStyle = "#fff";
    surface.fillRect(0, 0, width, height);
    surface.drawImage(picture as ImageBitmap, 0, 0, width, height);
  },
  encode: (quality) => canvas.convertToBlob({ type: "image/jpeg", quality }),
};

let turn: Promise<void> = Promise.resolve();

self.addEventListener("message", (event: MessageEvent<{ id: number; file: Blob }>) => {
  const { id, file } = event.data;
  turn = turn.then(async () => {
    try {
      self.postMessage({ id, ok: true, photo: await develop(file, studio) });
    } catch (error) {
      self.postMessage({ id, ok: false, code: error instanceof PictureRefused ? error.code : "failed" });
    }
  });
});
