// Uploads a file with tus-js-client, as the device does. Arguments: packages folder, endpoint, token, path,
// sha256, bytes a part, and after how many bytes to break off (0: never) and go on as a new upload object.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [packages, endpoint, token, path, sha256, chunk, breakAt] = process.argv.slice(2);
const { Upload } = createRequire(`${packages}/`)("tus-js-client");
const bytes = readFileSync(path);

function upload(uploadUrl, stopAt) {
  return new Promise((resolve, reject) => {
    const one = new Upload(bytes, {
      endpoint,
      uploadUrl,
      chunkSize: Number(chunk),
      retryDelays: [50, 100],
      headers: { Authorization: `Bearer ${token}` },
      metadata: { sha256, mime: "image/jpeg" },
      onSuccess: () => resolve({ done: true, url: one.url }),
      onError: (error) =>
        resolve({
          done: false,
          status: error.originalResponse?.getStatus(),
          body: error.originalResponse?.getBody(),
        }),
      onChunkComplete: (_size, accepted) => {
        if (stopAt > 0 && accepted >= stopAt) {
          one.abort().then(() => resolve({ done: false, url: one.url, accepted }), reject);
        }
      },
    });
    one.start();
  });
}

let result = await upload(undefined, Number(breakAt));
const first = result;
if (!result.done && result.url) result = await upload(result.url, 0);
process.stdout.write(JSON.stringify({ ...result, first }));
