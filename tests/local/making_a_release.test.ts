import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listFiles } from "../../scripts/check/files.ts";

// npm run release in a copy of the repository.
const root = fileURLToPath(new URL("../..", import.meta.url));
const deno = join(root, "node_modules", ".bin", "deno");
const folder = await mkdtemp(join(tmpdir(), "parley-release-"));
const read = (path: string) => readFile(join(folder, path), "utf8");
const run = (script: string) => promisify(execFile)(deno, ["run", "-A", script], { cwd: folder });

beforeAll(async () => {
  for (const path of listFiles()) await cp(join(root, path), join(folder, path));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a release needs its number in package.json, and nothing else", async () => {
  await expect(run("scripts/release.ts")).rejects.toMatchObject({
    stderr: expect.stringMatching(
      /^The release \S+ is recorded already: package\.json must have the next version\.\n$/,
    ),
  });
  const manifest = JSON.parse(await read("package.json"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, version: "7.8.9" }));
  await expect(run("scripts/check/migrations.ts")).rejects.toMatchObject({
    stderr: expect.stringContaining("sql/090_version.sql does not name the release 7.8.9 of package.json"),
  });
  const before = await readdir(join(folder, "supabase/migrations"));

  await run("scripts/release.ts");

  await run("scripts/check/migrations.ts");
  const lock = JSON.parse(await read("package-lock.json"));
  expect(
    [lock, ...["", "client/cli", "client/sdk", "client/web"].map((path) => lock.packages[path])].map((each) =>
      each.version
    ),
  )
    .toEqual(Array(5).fill("7.8.9"));
  expect(JSON.parse(await read("client/web/package.json"))).toMatchObject({
    version: "7.8.9",
    dependencies: { "parley-client": "7.8.9" },
  });
  expect(JSON.parse(await read(".release-please-manifest.json"))).toEqual({ ".": "7.8.9" });
  expect(await read("client/sdk/src/contract/release.ts")).toContain('RELEASE = "7.8.9"');
  expect(await read("CHANGELOG.md")).toMatch(/^## Unreleased\n\n## 7\.8\.9 - \d{4}-\d\d-\d\d$/m);
  const added = (await readdir(join(folder, "supabase/migrations"))).filter((name) => !before.includes(name));
  expect(added).toEqual([expect.stringMatching(/^\d{14}_parley_release_7_8_9\.sql$/)]);
  expect(await read(`supabase/migrations/${added[0]}`)).toContain("'7.8.9'");
  const last = JSON.parse(await read("supabase/releases.json")).at(-1);
  expect([last.version, Object.keys(last.files).at(-1)]).toEqual(["7.8.9", `supabase/migrations/${added[0]}`]);
});
