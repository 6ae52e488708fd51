import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { build, type Plugin, type ResolvedConfig } from "vite";
import { type BuiltFile, officeOnly, precacheManifest } from "./precache.ts";

/**
 * Builds `source` into `/service-worker.js` after the app, with the list of files to keep for
 * offline start in `__PRECACHE__`. A build of its own, because a worker that shares chunks with the
 * page could not start from one file, and because the list is known only once the app is written.
 */
export function serviceWorker(source: string): Plugin {
  let config: ResolvedConfig;
  let bundle: Record<string, BuiltFile> = {};
  return {
    name: "rounds-service-worker",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    writeBundle(_options, written) {
      bundle = written as unknown as Record<string, BuiltFile>;
    },
    closeBundle: {
      sequential: true,
      order: "post",
      async handler() {
        // Nothing was written: the app's own build failed, and its error is the one to show.
        if (Object.keys(bundle).length === 0) return;
        const input = resolve(config.root, source);
        if (!existsSync(input)) this.error(`the service worker's source ${source} is missing`);
        await buildWorker(config, input, bundle);
      },
    },
  };
}

async function buildWorker(config: ResolvedConfig, input: string, bundle: Record<string, BuiltFile>) {
  const outDir = resolve(config.root, config.build.outDir);
  const manifest = precacheManifest(outDir, officeOnly(bundle));
  await build({
    configFile: false,
    root: config.root,
    mode: config.mode,
    logLevel: "warn",
    publicDir: false,
    define: {
      __PRECACHE__: JSON.stringify(manifest),
      // Workbox asks for it; a service worker has no `process`.
      "process.env.NODE_ENV": JSON.stringify("production"),
    },
    build: {
      outDir,
      emptyOutDir: false,
      copyPublicDir: false,
      target: config.build.target,
      rolldownOptions: {
        input,
        output: { format: "iife", entryFileNames: "service-worker.js" },
      },
    },
  });
  config.logger.info(`service worker: ${manifest.length} files kept for offline start`);
}
