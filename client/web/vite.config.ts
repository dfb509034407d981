import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Plain files with relative addresses, which any host can serve. */
export default defineConfig({
  root: path("."),
  base: "./",
  resolve: { alias: { "parley-client": path("../sdk/src/index.ts") } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    // What stands in data: addresses, a strict Content-Security-Policy would not load.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
  },
});
