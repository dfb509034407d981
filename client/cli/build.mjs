// Builds the package: dist/parley.js from src/, with the packages that it uses, and release/ from the repository, so that
// migrations and functions have one source.
import { chmod, cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { parse } from "smol-toml";

const root = fileURLToPath(new URL("../..", import.meta.url));
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (path) => readFile(path, "utf8");

/** Where Parley's functions are in a project, relative to supabase/. */
const FUNCTIONS = "./parley/functions";
const PLACES = [["../node_modules/swagger-ui-dist", `${FUNCTIONS}/swagger-ui-dist`], ["../functions", FUNCTIONS]];

const { devDependencies } = JSON.parse(await read(here("package.json")));
const { version } = JSON.parse(await read(join(root, "package.json")));

/** One file without dependencies, and the licences of what is in it. */
async function buildProgram() {
  const bundle = await rolldown({ input: here("src/main.ts"), platform: "node", external: /^node:/ });
  await bundle.write({ file: here("dist/parley.js"), format: "esm" });
  await bundle.close();
  await chmod(here("dist/parley.js"), 0o755);
  const require = createRequire(import.meta.url);
  const licences = Object.keys(devDependencies).map(async (name) => {
    const folder = join(root, "node_modules", name);
    const file = (await readdir(folder)).find((each) => /^(un)?licen[sc]e/i.test(each));
    const { license } = require(join(folder, "package.json"));
    return `${name}, ${license}\n\n${file ? (await read(join(folder, file))).trim() : ""}\n`;
  });
  await writeFile(here("dist/LICENSES.txt"), (await Promise.all(licences)).join(`\n${"-".repeat(72)}\n\n`));
}

/** The sections of supabase/config.toml, with the paths that they have in a project. */
function movedSections(functions) {
  const moved = (path) => {
    const [from, to] = PLACES.find(([from]) => path.startsWith(`${from}/`)) ?? [];
    if (!from) throw new Error(`supabase/config.toml names ${path}: client/cli/build.mjs does not know its place.`);
    return `${to}${path.slice(from.length)}`;
  };
  const value = (setting) =>
    typeof setting === "string" ? moved(setting) : Array.isArray(setting) ? setting.map(moved) : setting;
  const section = (settings) =>
    Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, value(setting)]));
  return Object.fromEntries(Object.entries(functions).map(([name, settings]) => [name, section(settings)]));
}

async function copyRelease() {
  const copy = (from, to) => cp(join(root, from), here(`release/${to}`), { recursive: true });
  await copy("supabase/migrations", "migrations");
  await copy("functions", "files/functions");
  await copy("client/sdk/src/contract", "files/client/sdk/src/contract");
  const swagger = dirname(createRequire(join(root, "package.json")).resolve("swagger-ui-dist/package.json"));
  for (const name of ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"]) {
    await cp(join(swagger, name), here(`release/files/functions/swagger-ui-dist/${name}`), { recursive: true });
  }
  await cp(here("sql/removal.sql"), here("release/removal.sql"));
  const { functions } = parse(await read(join(root, "supabase/config.toml")));
  await writeFile(
    here("release/release.json"),
    `${JSON.stringify({ version, functions: movedSections(functions) }, null, 2)}\n`,
  );
}

for (const folder of ["dist", "release"]) {
  await rm(here(folder), { recursive: true, force: true });
  await mkdir(here(folder));
}
await Promise.all([buildProgram(), copyRelease()]);
