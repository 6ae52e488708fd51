import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One line of the manifest; `revision` is null where the address already carries a content hash. */
export interface PrecacheEntry {
  url: string;
  revision: string | null;
}

/** What this module needs to know of a file that the bundler wrote. */
export interface BuiltFile {
  fileName: string;
  type: "chunk" | "asset";
  facadeModuleId?: string | null;
  isEntry?: boolean;
  imports?: string[];
  dynamicImports?: string[];
  viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> } | undefined;
}

type Bundle = Record<string, BuiltFile>;

/** Files reached from `start` by static and dynamic imports, never stepping into a module that `skip` names. */
function reach(bundle: Bundle, start: BuiltFile[], skip: (file: BuiltFile) => boolean): Set<string> {
  const found = new Set<string>();
  const waiting = [...start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file.fileName) || skip(file)) continue;
    found.add(file.fileName);
    for (const css of file.viteMetadata?.importedCss ?? []) found.add(css);
    for (const asset of file.viteMetadata?.importedAssets ?? []) found.add(asset);
    for (const name of [...(file.imports ?? []), ...(file.dynamicImports ?? [])]) {
      const next = bundle[name];
      if (next !== undefined) waiting.push(next);
    }
  }
  return found;
}

/**
 * Names of the built files that only the office needs. The office works on line, so a tablet
 * should not spend its mobile data on them.
 */
export function officeOnly(bundle: Bundle): Set<string> {
  const files = Object.values(bundle);
  const isOffice = (file: BuiltFile) => /[/\\]src[/\\]office[/\\]/.test(file.facadeModuleId ?? "");
  const field = reach(
    bundle,
    files.filter((file) => file.type === "chunk" && file.isEntry === true),
    isOffice,
  );
  const office = reach(bundle, files.filter(isOffice), () => false);
  return office.difference(field);
}

const HASHED = /^assets\/.+-[\w-]{8,}\.\w+$/;
// The worker itself, and what is for the tools.
const NOT_SERVED = /^service-worker\.js$|\.map$|^\.vite\//;

function entryFor(root: string, name: string): PrecacheEntry {
  // "/" and not "/index.html": a redirected answer in the cache breaks the offline start.
  const url = name === "index.html" ? "/" : `/${name}`;
  if (HASHED.test(name)) return { url, revision: null };
  const digest = createHash("sha256")
    .update(readFileSync(join(root, name)))
    .digest("hex");
  return { url, revision: digest.slice(0, 16) };
}

/** The manifest of everything below `root` except `without`, sorted, so that equal builds are equal bytes. */
export function precacheManifest(root: string, without: ReadonlySet<string>): PrecacheEntry[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter((name) => !without.has(name) && !NOT_SERVED.test(name))
    .sort()
    .map((name) => entryFor(root, name));
}
