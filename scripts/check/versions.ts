// Fails when an import of functions/deno.json is not exactly the version that package.json installs.
import { readFile } from "node:fs/promises";
import process from "node:process";

const read = async (path: string) => JSON.parse(await readFile(new URL(`../../${path}`, import.meta.url), "utf8"));

const installed: Record<string, string> = (await read("package.json")).dependencies;
const imports: Record<string, string> = (await read("functions/deno.json")).imports;

const problems = Object.entries(imports).flatMap(([key, specifier]) => {
  if (!specifier.startsWith("npm:")) return [];
  const [, name = "", version] = /^npm:\/?(@?[^@]+)@([^/]+)/.exec(specifier) ?? [];
  if (installed[name] === version && version) return [];
  return [
    `functions/deno.json: "${key}" is ${specifier}, package.json has ${installed[name] ?? "no such dependency"}.`,
  ];
});

if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
