// Who may import what inside pwa/src: each folder names what it may reach, and nothing else.
const FOLDERS = {
  contract: [],
  rules: ["contract"],
  store: ["contract", "rules"],
  sync: ["contract", "rules", "store"],
  ui: ["contract"],
  field: ["contract", "rules", "store", "sync", "ui"],
  office: ["contract", "rules", "store", "sync", "ui"],
  worker: [],
};

const names = Object.keys(FOLDERS);
const tests = "\\.test\\.ts$";

const directions = names.map((folder) => ({
  name: `${folder}-reaches-only-what-it-may`,
  comment: `pwa/src/${folder} may import from: ${FOLDERS[folder].join(", ") || "itself only"}.`,
  severity: "error",
  from: { path: `^src/${folder}/`, pathNot: tests },
  to: { path: "^src/", pathNot: `^src/(${[folder, ...FOLDERS[folder]].join("|")})/` },
}));

// Which packages a folder may use. The pure folders use none, so that they run anywhere.
const PACKAGES = {
  contract: "",
  rules: "",
  store: "dexie",
  sync: "socket\\.io-client|tus-js-client",
  worker: "workbox-[a-z]+",
};

const packages = Object.entries(PACKAGES).map(([folder, allowed]) => ({
  name: `${folder}-uses-only-its-packages`,
  comment: `pwa/src/${folder} may use these packages: ${allowed || "none"}.`,
  severity: "error",
  from: { path: `^src/${folder}/`, pathNot: tests },
  to: { path: "node_modules/", ...(allowed ? { pathNot: `node_modules/(${allowed})/` } : {}) },
}));

module.exports = {
  forbidden: [
    ...directions,
    ...packages,
    {
      name: "no-unknown-folder",
      comment: "Every file of ours has its place; a new folder gets its line in FOLDERS first.",
      severity: "error",
      from: {},
      to: { path: "^src/[^/]+/", pathNot: `^src/(${names.join("|")})/` },
    },
    {
      name: "ui-kit-in-the-office-only",
      comment: "Element Plus is heavy; a field screen that names it would carry it to every tablet.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/office/" },
      to: { path: "node_modules/(element-plus|@element-plus)/" },
    },
    {
      name: "no-circle",
      severity: "error",
      from: { path: "^src/" },
      to: { circular: true },
    },
    {
      name: "no-import-that-leads-nowhere",
      severity: "error",
      from: { path: "^src/" },
      to: { couldNotResolve: true },
    },
    {
      name: "no-test-in-the-product",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { path: [tests, "^tests/", "node_modules/(vitest|fast-check|fake-indexeddb)/"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.app.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "browser", "module", "types", "default"],
      extensions: [".ts", ".vue", ".js", ".mjs", ".json", ".css", ".d.ts"],
    },
  },
};
