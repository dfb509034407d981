import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { listFiles } from "../../scripts/check/files.ts";

// What npm run pack made in the set-up, as the release workflow runs it.
const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "parley-packed-"));
const { version } = JSON.parse(await readFile("package.json", "utf8"));
const unpacked = (name: string) => join(folder, name);

beforeAll(async () => {
  for (const name of ["parley-client", "parley-cli", "parley-web"]) {
    await mkdir(unpacked(name));
    await run("tar", ["xzf", join(inject("installed"), `${name}-${version}.tgz`), "-C", unpacked(name)]);
  }
});
afterAll(() => rm(folder, { recursive: true }));

/** The paths of all files in a folder. */
async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name).slice(path.length + 1));
}

test.each([["parley-client", "client/sdk"], ["parley-cli", "client/cli"]])(
  "%s names its licence and repository, and npm's linter finds nothing",
  async (name, directory) => {
    const path = join(unpacked(name), "package");
    const manifest = JSON.parse(await readFile(join(path, "package.json"), "utf8"));
    expect(manifest).toMatchObject({
      name,
      version,
      license: "MIT",
      repository: { type: "git", url: "git+https://github.com/acme/parley.git", directory },
      publishConfig: { access: "public", provenance: true },
    });
    expect(await readFile(join(path, "LICENSE"), "utf8")).toBe(await readFile("LICENSE", "utf8"));
    const { messages } = await publint({ pkgDir: path, pack: false, strict: true });
    expect(messages).toEqual([]);
  },
);

test("parley-cli has its program and the release, and nothing else", async () => {
  const path = join(unpacked("parley-cli"), "package");
  const swagger = ["swagger-ui.css", "swagger-ui-bundle.js", "LICENSE", "NOTICE"];
  const expected = [
    ...["LICENSE", "README.md", "package.json", "dist/LICENSES.txt", "dist/parley.js"],
    ...["release/release.json", "release/removal.sql"],
    ...listFiles("supabase/migrations").map((file) => file.replace("supabase", "release")),
    ...listFiles("functions", "client/sdk/src/contract").map((file) => `release/files/${file}`),
    ...swagger.map((file) => `release/files/functions/swagger-ui-dist/${file}`),
  ];
  expect((await filesIn(path)).sort()).toEqual(expected.sort());
  expect((await stat(join(path, "dist/parley.js"))).mode & 0o111).toBe(0o111);
});

test("parley-web is the built page", async () => {
  const files = await filesIn(unpacked("parley-web"));
  const [loaded, others] = [
    files.filter((path) => path.startsWith("assets/")),
    files.filter((path) => !path.startsWith("assets/")),
  ];
  expect(others.sort()).toEqual(["admin.html", "icon.svg", "index.html"]);
  // Styles, scripts, those that are loaded when they are needed, and the emoji of each language. No sources, and no maps.
  expect(loaded.filter((path) => !/-[\w-]{8}\.(js|css)$/.test(path)).map((path) => path.replace(/-[\w-]{8}\./, ".")))
    .toEqual(
      ["assets/data.json", "assets/data.json"],
    );
  const page = await readFile(join(unpacked("parley-web"), "index.html"), "utf8");
  const named = [...page.matchAll(/assets\/[\w-]+\.(?:js|css)/g)].map(([path]) => path);
  expect(named.length).toBeGreaterThanOrEqual(2);
  expect(loaded).toEqual(expect.arrayContaining(named));
});
