import { fileURLToPath } from "node:url";
import type { Plugin } from "vitest/config";

const runner = fileURLToPath(new URL("./run.ts", import.meta.url));

/** Makes a vitest file of each pgTAP file, so that it can be run, watched and filtered like any other. */
export function sqlTests(): Plugin {
  return {
    name: "pgtap",
    enforce: "pre",
    transform(_code, id) {
      if (!id.endsWith(".test.sql")) return;
      const code = `import { define } from ${JSON.stringify(runner)};\nawait define(${JSON.stringify(id)});\n`;
      return { code, map: null };
    },
  };
}
