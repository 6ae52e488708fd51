import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// One file that Node runs: the client as tablets have it, so also the browser's half of tus-js-client.
export default defineConfig({
  root: here("../.."),
  logLevel: "warn",
  resolve: {
    alias: { "tus-js-client": here("../../node_modules/tus-js-client/lib.esm/browser/index.js") },
  },
  ssr: { noExternal: true },
  build: {
    ssr: here("main.ts"),
    outDir: here("../../node_modules/.tmp/simulation"),
    target: "node24",
    copyPublicDir: false,
    emptyOutDir: true,
    minify: false,
    sourcemap: true,
  },
});
