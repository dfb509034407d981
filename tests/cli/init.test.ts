import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "smol-toml";
import { describe, expect, inject, test } from "vitest";
import { CONFIG, project, releaseMigrations, run } from "./folder.ts";

const packed = join(inject("installed"), "node_modules/parley-cli");

describe("the package", () => {
  test("holds every migration and every function of the repository, and no dependency", async () => {
    const texts = async (folder: string) => {
      const names = (await readdir(folder)).sort();
      return await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")]));
    };
    expect(await texts(join(packed, "release/migrations"))).toEqual(await texts("supabase/migrations"));
    const functions = async (folder: string) =>
      (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length)).sort();
    expect(
      (await functions(join(packed, "release/files/functions"))).filter((name) => !name.includes("swagger-ui-dist")),
    )
      .toEqual(await functions("functions"));
    expect((await readdir(join(inject("installed"), "node_modules"))).filter((name) => !name.startsWith("."))).toEqual([
      "parley-cli",
    ]);
  });

  test("says what it does, and which release it is", async () => {
    const { parley } = await project();
    expect(await parley("--help")).toMatchObject({ code: 0, output: expect.stringContaining("parley-cli init") });
    expect(await parley("init", "--help")).toMatchObject({
      code: 0,
      output: expect.stringContaining("parley-cli init"),
    });
    expect(await parley()).toMatchObject({ code: 2, output: expect.stringContaining("parley-cli init") });
    const { version } = JSON.parse(await readFile(join(packed, "release/release.json"), "utf8"));
    expect(await parley("--version")).toEqual({ code: 0, output: `${version}\n` });
  });

  test.each([
    [["add"], "There is no command add."],
    [["toString"], "There is no command toString."],
    [["init", "--drop"], "Unknown option '--drop'."],
    [["init", "here"], "Unexpected argument 'here'."],
    [["init", "--without", "chess"], "Parley has no such function."],
  ])("refuses %j in a sentence", async (args, sentence) => {
    const { parley } = await project();
    const { code, output } = await parley(...args);
    expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining(sentence) });
    expect(output.trim().split("\n")).toHaveLength(1);
  });

  test("refuses a folder that is not a project", async () => {
    const { path, parley } = await project();
    for (const [args, cwd] of [[["init"], join(path, "supabase")], [["init", "--dir", "other"], path]] as const) {
      const answer = await run(cwd, join(inject("installed"), "node_modules/.bin/parley"), [...args]);
      expect(answer).toEqual({ code: 1, output: expect.stringMatching(/^There is no .*config.toml/) });
    }
    expect(await parley("upgrade")).toMatchObject({ code: 1, output: expect.stringContaining("parley-cli init") });
    expect(await parley("remove")).toMatchObject({ code: 1, output: expect.stringContaining("parley-cli init") });
  });
});

describe("init", () => {
  test("adds migrations, functions and settings, and changes nothing of the project's own", async () => {
    const own = {
      "supabase/migrations/20240101000000_start.sql": "create table public.messages (id bigint primary key);",
      "supabase/functions/hello/index.ts": "export default { fetch: () => new Response() };",
      "supabase/functions/_shared/cors.ts": "export {};",
      "supabase/seed.sql": "select 1;",
    };
    const { parley, files, read } = await project(own);
    const { code, output } = await parley("init", "--yes");
    expect(code).toBe(0);
    expect(output).toContain('+schemas = ["public", "graphql_public", "chat"]');
    expect(output).toContain("npx supabase db push");
    const { "supabase/config.toml": config, ...rest } = await files();
    expect(rest).toMatchObject(own);
    for (const name of await releaseMigrations()) {
      expect(rest[`supabase/migrations/${name}`]).toBe(await readFile(`supabase/migrations/${name}`, "utf8"));
    }
    const added = Object.keys(rest).filter((path) => !(path in own) && !path.startsWith("supabase/parley"));
    expect(added).toEqual((await releaseMigrations()).map((name) => `supabase/migrations/${name}`));

    // Their text is there as it was, apart from one line.
    const withSchema = CONFIG.replace('"graphql_public"]', '"graphql_public", "chat"]');
    expect(config!.startsWith(withSchema)).toBe(true);
    const { functions, ...settings } = parse(config!) as { functions: Record<string, Record<string, string>> };
    const { functions: ownFunctions, ...ownSettings } = parse(withSchema);
    expect(settings).toEqual(ownSettings);
    expect(functions).toMatchObject(ownFunctions as object);
    const repository = parse(await readFile("supabase/config.toml", "utf8")).functions as object;
    expect(Object.keys(functions).sort()).toEqual([...Object.keys(repository), "hello"].sort());
    for (const { entrypoint, import_map } of Object.values(functions).filter(({ entrypoint }) => entrypoint)) {
      for (const path of [entrypoint!, import_map!]) expect(await read(join("supabase", path))).not.toBe("");
    }
  });

  test("shows all that and writes nothing with --dry-run, or when nobody can be asked", async () => {
    const { parley, files } = await project();
    const before = await files();
    const { code, output } = await parley("init", "--dry-run");
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining('+schemas = ["public", "graphql_public", "chat"]'),
    });
    expect(output).toContain("Nothing was written");
    expect(await parley("init")).toEqual({ code: 1, output: expect.stringContaining("Add --yes") });
    expect(await files()).toEqual(before);
  });

  test("does nothing the second time, also where it was interrupted before it had noted anything", async () => {
    const { parley, files, path, write } = await project();
    await parley("init", "--yes");
    const once = await files();
    expect(await parley("init", "--yes")).toEqual({ code: 0, output: "Nothing to do.\n" });
    expect(await parley("upgrade", "--yes")).toEqual({ code: 0, output: "Nothing to do.\n" });
    expect(await files()).toEqual(once);

    await run(path, "rm", ["supabase/parley.json", "supabase/parley/functions/social/index.ts"]);
    await write("supabase/parley.json.new", "{");
    expect((await parley("init", "--yes")).code).toBe(0);
    const { schema: _, ...record } = JSON.parse(once["supabase/parley.json"]!);
    expect(JSON.parse((await files())["supabase/parley.json"]!)).toEqual(record);
    expect(Object.keys(await files())).toEqual(Object.keys(once));
  });

  test("puts its migrations after newer ones of the project, so that db push takes them", async () => {
    const { parley, files } = await project({
      "supabase/migrations/20990101235959_ours.sql": "select 1;",
      "supabase/migrations/README.md": "",
    });
    await parley("init", "--yes");
    const names = Object.keys(await files()).filter((path) => /migrations.*sql$/.test(path));
    const ends = (await releaseMigrations()).map((name) => name.slice(14));
    expect(names.map((name) => name.slice("supabase/migrations/".length + 14))).toEqual(["_ours.sql", ...ends]);
    expect(names[1]).toMatch(/\/20990102000000_parley/);
    expect(await parley("init", "--yes")).toEqual({ code: 0, output: "Nothing to do.\n" });
  });

  test("leaves functions out that nobody wants", async () => {
    const { parley, files, read } = await project({ "supabase/functions/social/index.ts": "ours" });
    await parley("init", "--yes", "--without", "social", "--without", "mini-chat");
    const paths = Object.keys(await files());
    expect(paths.filter((path) => /parley\/functions\/(social|mini-chat)\//.test(path))).toEqual([]);
    expect(await read("supabase/config.toml")).not.toMatch(/functions\.(social|mini-chat)/);
    expect(await parley("upgrade", "--yes")).toEqual({ code: 0, output: "Nothing to do.\n" });
  });

  test("accepts a project that has renamed or dropped its schema chat since", async () => {
    const { parley } = await project({
      "supabase/migrations/20240101000000_a.sql": "create schema chat; -- create schema chat_private",
      "supabase/migrations/20240102000000_b.sql": "alter schema chat rename to talk; create schema chat_private;",
      "supabase/migrations/20240103000000_c.sql":
        "drop schema if exists other, chat_private cascade; create schema chats;",
    });
    expect(await parley("init", "--yes")).toMatchObject({ code: 0 });
  });
});

describe("init writes nothing, and says what to do, where the project has", () => {
  test.each<[string, Record<string, string>, string]>([
    [
      "a schema chat of its own",
      { "supabase/migrations/20240101000000_chat.sql": `-- Ours.\nCREATE SCHEMA IF NOT EXISTS "chat";` },
      "migrations/20240101000000_chat.sql creates a schema chat or chat_private",
    ],
    [
      "a schema chat_private, declared",
      { "supabase/schemas/all/chat.sql": "create schema chat_private authorization postgres;" },
      "schemas/all/chat.sql creates a schema chat or chat_private",
    ],
    ["a function of the same name", { "supabase/functions/social/index.ts": "" }, "--without social"],
    [
      "a section of a function of the same name",
      { "supabase/config.toml": `${CONFIG}\n[functions.accounts]\nverify_jwt = true\n` },
      "--without accounts",
    ],
    [
      "a file in Parley's folder",
      { "supabase/parley/functions/deno.json": "{}" },
      "parley/functions/deno.json is not Parley's",
    ],
    ["a broken config.toml", { "supabase/config.toml": "[api\n" }, "config.toml cannot be read"],
    ["a record of something else", { "supabase/parley.json": "{}" }, "not what parley-cli has written"],
    ["an unreadable record", { "supabase/parley.json": "{" }, "parley.json cannot be read"],
    [
      "its schemas in a place that cannot be changed safely",
      { "supabase/config.toml": `api = { schemas = ["public"] }\n` },
      `add "chat" to schemas in [api] by hand`,
    ],
    [
      "its functions in a place that cannot be added to",
      { "supabase/config.toml": `functions = { hello = { verify_jwt = true } }\n` },
      "write these sections",
    ],
  ])("%s", async (_, own, sentence) => {
    const { parley, files } = await project(own);
    const before = await files();
    const { code, output } = await parley("init", "--yes");
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(sentence) });
    expect(output).not.toMatch(/^\s+at /m);
    expect(await files()).toEqual(before);
  });
});
