import { defineConfig, mergeConfig } from "vitest/config";
import app from "./vite.config.ts";

// Apart from vite.config.ts, because `make run` builds the app without the test tools.
export default mergeConfig(
  app,
  defineConfig({
    test: {
      include: ["src/**/*.test.ts", "tests/**/*.test.ts", "build/**/*.test.ts"],
      passWithNoTests: false,
      allowOnly: false,
      restoreMocks: true,
      unstubGlobals: true,
      testTimeout: 20_000,
    },
  }),
);
