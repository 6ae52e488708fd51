// tus-js-client as it comes, against our server, in one of several plights. Prints a line "sent <bytes>" after each
// piece and one of JSON at the end. Arguments: packages folder, endpoint, token, path, sha256, what to do, and for
// some of that the address of an upload.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [packages, endpoint, token, path, sha256, plight, known] = process.argv.slice(2);
const { Upload } = createRequire(`${packages}/`)("tus-js-client");
const bytes = readFileSync(path);
const PIECE = 20_000;
const statuses = [];

function upload(options = {}) {
  return new Promise((resolve) => {
    const one = new Upload(bytes, {
      endpoint,
      chunkSize: PIECE,
      retryDelays: [50, 100, 200, 400, 800, 1600, 3200, 3200],
      headers: { Authorization: `Bearer ${token}` },
      metadata: { sha256, mime: "image/jpeg" },
      onAfterResponse: (request, response) =>
        void statuses.push(`${request.getMethod()} ${response.getStatus()}`),
      onChunkComplete: (_size, accepted) => process.stdout.write(`sent ${accepted}\n`),
      onSuccess: () => resolve({ done: true, url: one.url }),
      onError: (error) => resolve({ done: false, status: error.originalResponse?.getStatus(), url: one.url }),
      ...options,
    });
    options.take?.(one);
    one.start();
  });
}

/** Changes a header of the first PATCH. */
function once(name, value) {
  let left = 1;
  return (request) => {
    if (request.getMethod() === "PATCH" && left-- > 0) request.setHeader(name, value);
  };
}

const wrong = createHash("sha1").update("something else").digest("base64");
const plights = {
  plain: () => upload({ uploadUrl: known || undefined }),
  "wrong offset": () => upload({ onBeforeRequest: once("Upload-Offset", "10") }),
  "bad checksum": async () => {
    const first = await upload({ onBeforeRequest: once("Upload-Checksum", `sha1 ${wrong}`) });
    return { first, ...(await upload({ uploadUrl: first.url })) };
  },
  terminated: async () => {
    let one;
    const first = await new Promise((resolve) => {
      upload({
        take: (made) => {
          one = made;
        },
        onChunkComplete: () => one.abort(true).then(() => resolve({ url: one.url })),
      });
    });
    return { first, ...(await upload({ uploadUrl: first.url })) };
  },
  "two at once": async () => {
    const ends = await Promise.all([upload({ uploadUrl: known }), upload({ uploadUrl: known })]);
    return { done: ends.every(({ done }) => done), ends };
  },
};

const end = await plights[plight]();
process.stdout.write(`${JSON.stringify({ ...end, statuses })}\n`);
