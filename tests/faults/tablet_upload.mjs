// Uploads a photo with the app's own uploader (pwa/src/sync/tus.ts) over tus-js-client, as its sync loop does: after
// every end that is not final it begins again where the server says. Prints one line of JSON.
// Arguments: the app's folder, base of the API, path of the photo, its sha256, most tries, and how long it waits
// before it tries again (milliseconds).
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const [app, base, path, sha256, most, pause] = process.argv.slice(2);

// The app's files name each other without an ending, as its bundler reads them.
registerHooks({
  resolve: (name, context, next) =>
    next(name.startsWith("./") && context.parentURL?.endsWith(".ts") ? `${name}.ts` : name, context),
});
const { tusUploader } = await import(pathToFileURL(`${app}/src/sync/tus.ts`).href);

const upload = tusUploader(base, 5_000);
const ends = {};
let url = null;
let accepted = 0;
for (let tries = 0; tries < Number(most); tries += 1) {
  const end = await upload({
    sha256,
    type: "image/jpeg",
    bytes: readFileSync(path),
    url,
    began: async (address) => {
      url = address;
    },
    progress: () => {},
    accepted: async (bytes) => {
      accepted = bytes;
    },
  });
  const name = end.kind === "offline" ? `${end.kind}: ${end.cause}` : end.kind;
  ends[name] = (ends[name] ?? 0) + 1;
  if (end.kind === "limited" || end.kind === "offline")
    await new Promise((again) => setTimeout(again, Number(pause)));
  else break;
}
process.stdout.write(`${JSON.stringify({ ends, accepted })}\n`);
