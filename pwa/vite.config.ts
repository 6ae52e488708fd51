import vue from "@vitejs/plugin-vue";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import components from "unplugin-vue-components/vite";
import { defineConfig } from "vite";
import { serviceWorker } from "./build/service-worker.ts";

const server = `http://127.0.0.1:${process.env.ROUNDS_PORT ?? "8080"}`;

export default defineConfig({
  plugins: [
    vue(),
    // The office alone has a UI kit, and takes from it only what a template names.
    components({
      dirs: [],
      dts: false,
      include: [/src\/office\/.*\.vue$/],
      resolvers: [ElementPlusResolver({ importStyle: "css" })],
    }),
    serviceWorker("src/worker/service-worker.ts"),
  ],
  define: {
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    // Texts come compiled (src/ui/i18n/compile.ts).
    __INTLIFY_DROP_MESSAGE_COMPILER__: true,
  },
  worker: { format: "es" },
  build: {
    target: ["chrome111", "safari16.4", "firefox114"],
    // The server's content policy forbids inline scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": { target: server },
      "/socket.io": { target: server, ws: true },
    },
  },
});
