import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Builds static files with relative URLs, for any host. */
export default defineConfig({
  root: path("."),
  base: "./",
  resolve: { alias: { "parley-client": path("../sdk/src/index.ts") } },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    // A strict Content-Security-Policy would not load data: URLs.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
  },
});
