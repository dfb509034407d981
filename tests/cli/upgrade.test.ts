import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nextRelease, project, type Release, releaseMigrations } from "./folder.ts";

/** Newer than each migration of this release will be, also in years. */
const MIGRATION = "20980101000000_parley_notes.sql";
const CHANGED = "parley/functions/accounts/index.ts";
const DROPPED = "parley/functions/social/default.jpg";
const NEW = "parley/functions/notes/index.ts";

/** A release with a migration, a function, a changed file and one fewer. */
let next: Release;
beforeAll(async () => {
  next = await nextRelease(async (release) => {
    await writeFile(join(release, "migrations", MIGRATION), "create table chat.notes (id bigint primary key);\n");
    await appendFile(join(release, "files", CHANGED.slice(7)), "// The next release.\n");
    await rm(join(release, "files", DROPPED.slice(7)));
    const manifest = JSON.parse(await readFile(join(release, "release.json"), "utf8"));
    manifest.functions.notes = { verify_jwt: false, entrypoint: `./${NEW}` };
    manifest.functions.accounts.verify_jwt = true;
    await writeFile(join(release, "release.json"), JSON.stringify(manifest));
    await mkdir(dirname(join(release, "files", NEW.slice(7))));
    await writeFile(join(release, "files", NEW.slice(7)), "export {};\n");
  });
});
afterAll(() => next.remove());

async function added(files: Record<string, string> = {}) {
  const folder = await project(files);
  expect(await folder.parley("init", "--yes")).toMatchObject({ code: 0 });
  return folder;
}

describe("upgrade", () => {
  test("brings the migrations, files and functions of a later release", async () => {
    const folder = await added();
    const before = await folder.files();
    expect(await next.parley(folder, "init", "--yes")).toMatchObject({
      code: 1,
      output: expect.stringContaining("upgrade brings 99.0.0"),
    });
    expect(await next.parley(folder, "upgrade", "--dry-run")).toMatchObject({ code: 0 });
    expect(await folder.files()).toEqual(before);

    expect(await next.parley(folder, "upgrade", "--yes")).toMatchObject({
      code: 0,
      output: expect.stringMatching(/to 99.0.0[^]*db push[^]*functions deploy/),
    });
    const { functions, ...settings } = parse(await folder.read("supabase/config.toml"));
    expect(functions).toMatchObject({ hello: { verify_jwt: true }, notes: {}, accounts: { verify_jwt: true } });
    expect(settings).toEqual({ ...parse(before["supabase/config.toml"]!), functions: undefined });
    const after = await folder.files();
    expect(after[`supabase/migrations/${MIGRATION}`]).toContain("chat.notes");
    expect(after[`supabase/${CHANGED}`]).toContain("The next release");
    expect(after[`supabase/${DROPPED}`]).toBeUndefined();
    expect(await next.parley(folder, "upgrade", "--yes")).toEqual({ code: 0, output: "Nothing to do.\n" });
    expect(await next.parley(folder, "init", "--yes")).toEqual({ code: 0, output: "Nothing to do.\n" });

    // And back is not possible.
    expect(await folder.parley("upgrade", "--yes")).toMatchObject({
      code: 1,
      output: expect.stringContaining("use a newer package"),
    });
  });

  test("keeps the files and sections that the project has changed, and says so", async () => {
    const folder = await added();
    const config = await folder.read("supabase/config.toml");
    await folder.write("supabase/config.toml", config.replace("[functions.social]\n", "$&enabled = false # not now\n"));
    for (const path of [CHANGED, DROPPED]) await folder.write(`supabase/${path}`, "// Ours.\n");
    const { code, output } = await next.parley(folder, "upgrade", "--yes");
    expect(code).toBe(0);
    for (const kept of [CHANGED, DROPPED, "[functions.social]", "[functions.accounts]"]) {
      expect(output).toContain(`- ${kept}: `);
    }
    for (const path of [CHANGED, DROPPED]) expect(await folder.read(`supabase/${path}`)).toBe("// Ours.\n");
    expect(parse(await folder.read("supabase/config.toml")).functions).toMatchObject({
      social: { enabled: false },
      accounts: { verify_jwt: false },
      notes: { verify_jwt: false },
    });
    expect(await folder.read(`supabase/migrations/${MIGRATION}`)).toContain("chat.notes");

    expect((await next.parley(folder, "upgrade", "--yes", "--force")).code).toBe(0);
    expect(await folder.read(`supabase/${CHANGED}`)).toContain("The next release");
    expect(Object.keys(await folder.files())).not.toContain(`supabase/${DROPPED}`);

    expect((await next.parley(folder, "remove", "--yes", "--not-pushed")).code).toBe(0);
    expect(parse(await folder.read("supabase/config.toml")).functions).toEqual({ hello: { verify_jwt: true } });
  });

  test("puts its migrations after the project's own newer ones", async () => {
    const folder = await added();
    await folder.write("supabase/migrations/20990101000000_ours.sql", "select 1;");
    await next.parley(folder, "upgrade", "--yes");
    expect(await folder.read("supabase/migrations/20990101000001_parley_notes.sql")).toContain("chat.notes");
    expect(await next.parley(folder, "upgrade", "--yes")).toEqual({ code: 0, output: "Nothing to do.\n" });
  });

  test.each([
    ["changed", async (path: string) => await appendFile(path, "select 1;"), "was changed"],
    ["deleted", async (path: string) => await rm(path), "was deleted"],
  ])("is refused where a migration of Parley's was %s", async (_, damage, sentence) => {
    const folder = await added();
    const [name] = Object.keys(await folder.files()).filter((path) => /_parley.*sql$/.test(path));
    await damage(join(folder.path, name!));
    const before = await folder.files();
    expect(await next.parley(folder, "upgrade", "--yes")).toMatchObject({
      code: 1,
      output: expect.stringContaining(sentence),
    });
    expect(await folder.files()).toEqual(before);
  });

  test("is refused where the package has another text of a migration that the project has", async () => {
    const folder = await added();
    const [first] = (await releaseMigrations()).sort();
    const other = await nextRelease(async (release) => {
      await writeFile(join(release, "migrations", first!), "create schema chat;");
    });
    expect(await other.parley(folder, "upgrade", "--yes")).toMatchObject({
      code: 1,
      output: expect.stringContaining(`another text of the migration ${first}`),
    });
    await other.remove();
  });
});

describe("remove", () => {
  test("takes everything out, and adds the migration that undoes those that a database has", async () => {
    const own = {
      "supabase/migrations/20240101000000_start.sql": "create table public.messages (id bigint primary key);",
    };
    const folder = await project(own);
    const before = await folder.files();
    await folder.parley("init", "--yes");
    const { code, output } = await folder.parley("remove", "--yes");
    expect(code).toBe(0);
    for (const line of ["pg_dump", "functions delete assistant jobs accounts", "db push"]) {
      expect(output).toContain(line);
    }
    const after = await folder.files();
    expect(after).toMatchObject(before);
    const left = Object.keys(after).filter((path) => !(path in before)).map((path) => path.slice("supabase/".length));
    const removal = left.at(-1)!;
    expect(left).toEqual([
      ...(await releaseMigrations()).sort().map((name) => `migrations/${name}`),
      expect.stringMatching(/^migrations\/\d{14}_parley_removal\.sql$/),
    ]);

    // It can come back, by migrations of its own.
    expect((await folder.parley("init", "--yes")).code).toBe(0);
    const names = Object.keys(await folder.files()).map((path) => path.slice("supabase/".length));
    const again = names.filter((name) => name.startsWith("migrations/") && name > removal);
    expect(again).toHaveLength((await releaseMigrations()).length);
  });

  test("asks, and leaves what the project has changed", async () => {
    const folder = await added();
    await folder.write(`supabase/${CHANGED}`, "// Ours.\n");
    const before = await folder.files();
    expect(await folder.parley("remove")).toMatchObject({ code: 1, output: expect.stringContaining("Add --yes") });
    expect(await folder.files()).toEqual(before);
    expect(await folder.parley("remove", "--yes")).toMatchObject({
      code: 0,
      output: expect.stringContaining(`${CHANGED}: you have changed it`),
    });
    const left = Object.keys(await folder.files()).filter((path) => path.startsWith("supabase/parley"));
    expect(left).toEqual([`supabase/${CHANGED}`]);
  });

  test("is refused while the hook of access tokens needs Parley", async () => {
    const hook =
      `\n[auth.hook.custom_access_token]\nenabled = true\nuri = "pg-functions://postgres/chat_private/access_token"\n`;
    const folder = await added();
    await appendFile(join(folder.path, "supabase/config.toml"), hook);
    expect(await folder.parley("remove", "--yes")).toMatchObject({
      code: 1,
      output: expect.stringContaining("nobody could sign in"),
    });
  });
});
