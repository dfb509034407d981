import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

interface Modules {
  getModuleInfo(id: string): { isEntry: boolean; importers: readonly string[] } | null;
}

/** The name of the file for modules that the page imports at once; `null` for those that are imported later. */
function firstLoad(id: string, modules: Modules): string | null {
  const seen = new Set<string>();
  const isNeeded = (id: string): boolean => {
    if (seen.has(id)) return false;
    seen.add(id);
    const module = modules.getModuleInfo(id);
    return module !== null && (module.isEntry || module.importers.some(isNeeded));
  };
  return isNeeded(id) ? "page" : null;
}

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
    // What the page needs at once is one file, also the parts of it that others import later: in many files it is larger.
    rolldownOptions: {
      input: [path("./index.html"), path("./admin.html")],
      output: { codeSplitting: { groups: [{ name: firstLoad, debugName: "first load" }] } },
    },
  },
});
