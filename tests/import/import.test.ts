import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { client, database, newPerson } from "../clients.ts";

const status = inject("status");
const fixture = "tests/fixtures/gitter-history.tsv";
const slug = "parley-history";
const sql = database();
let folder: string;
let lines: string[];

interface Result {
  code: number;
  output: string;
  errors: string;
}

function runImport(...options: string[]): Promise<Result> {
  const command = ["run", "-A", "scripts/import.ts", "--db-url", status.db_url, ...options];
  return new Promise((resolve) => {
    execFile("node_modules/.bin/deno", command, { env: { ...process.env, NO_COLOR: "1" } }, (error, output, errors) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output, errors });
    });
  });
}

async function write(content: string | Uint8Array): Promise<string> {
  const path = join(folder, "history.tsv");
  await writeFile(path, content);
  return path;
}

const records = () => lines.join("\n").split(/(?=57a1c0ffee57a1c0ffee0001\t)/);

async function remove(): Promise<void> {
  await sql`delete from chat.rooms where slug = ${slug}`;
  await sql`delete from auth.users where email like '57b00000%@gitter.invalid'`;
}

const room = async () => (await sql`select * from chat.rooms where slug = ${slug}`)[0];
const history = () =>
  sql`
  select messages.*, username
  from chat.messages
  join chat.rooms on rooms.id = room_id
  left join chat.profiles on profiles.id = sender_id
  where rooms.slug = ${slug} order by seq`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "parley-import-"));
  lines = (await readFile(fixture, "utf8")).split("\n");
});
beforeEach(() => remove());
afterEach(() => remove());
afterAll(async () => {
  await sql.end();
  await rm(folder, { recursive: true });
});

describe("a file of 201 records", () => {
  test("becomes a public room with its people, its messages in order and everything read", async () => {
    const { code, output } = await runImport(fixture);
    expect(output).toMatch(/parley-history\): 200 messages added, 3 of them deleted/);
    expect(code).toBe(0);

    const messages = await history();
    expect(messages.map(({ seq }) => Number(seq))).toEqual(messages.map((_, index) => index + 1));
    expect(messages.map(({ version }) => Number(version))).toEqual(messages.map((_, index) => index + 1));
    const ids = messages.map(({ id }) => Number(id));
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const times = messages.map(({ created_at }) => created_at.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));

    expect(await room()).toMatchObject({
      kind: "group",
      is_public: true,
      name: "Parley/history",
      last_seq: "200",
      version: "200",
      last_message_id: messages.at(-1)?.id,
      last_message_at: messages.at(-1)?.created_at,
      member_count: 12,
    });
    const unread = await sql`
      select from chat.room_members join chat.rooms on rooms.id = room_id
      where rooms.slug = ${slug} and (last_read_seq, last_delivered_seq) <> (200, 200)`;
    expect(unread).toHaveLength(0);
  });

  test("keeps every text as it was", async () => {
    await runImport(fixture);
    const messages = await history();
    const texts = messages.map(({ content }) => content);
    expect(texts).toContain('how do I type "quotes" inside a string?');
    expect(texts).toContain("a\tb\tc");
    expect(texts).toContain("первая строка\nвторая строка\n\nчетвёртая");
    expect(texts).toContain("back\\slash and \\N are just text");
    expect(texts).toContain("emoji 👩‍💻 here");
    expect(messages.map(({ username }) => username)).toContain("Иван");
    const at = texts.indexOf("first of three at once");
    expect(texts.slice(at, at + 3)).toEqual([
      "first of three at once",
      "second of three at once",
      "third of three at once",
    ]);
    expect(new Set(times(messages.slice(at, at + 3)))).toHaveProperty("size", 1);
  });

  test("takes an empty message for one that its author deleted", async () => {
    await runImport(fixture);
    const deleted = (await history()).filter(({ deleted_at }) => deleted_at !== null);
    expect(deleted).toHaveLength(3);
    for (const { content, deleted_at, created_at } of deleted) expect([content, deleted_at]).toEqual(["", created_at]);
  });

  test("takes an id that comes twice once, in its newest edition", async () => {
    const { output } = await runImport(fixture);
    expect(output).toContain("1 repeated message id, imported once (differing: 1, the newest kept).");
    const texts = (await history()).map(({ content }) => content);
    expect(texts).toContain("edited: use a dict");
    expect(texts).not.toContain("use a dcit");
  });

  test("sends no events, at a second import neither", async () => {
    await runImport(await write(records().slice(20).join("")));
    await runImport(fixture);
    const { id } = await room() ?? {};
    const events = await sql`
      select event from realtime.messages
      where topic like ${`room:${id}:%`}
        or event <> 'room.removed'
          and topic in (select 'user:' || id from auth.users where email like '57b00000%@gitter.invalid')`;
    expect(events).toHaveLength(0);
  });
});

function times(messages: Record<string, Date>[]): number[] {
  return messages.flatMap(({ created_at }) => created_at ? [created_at.getTime()] : []);
}

describe("a second import", () => {
  test("of the same file adds nothing", async () => {
    await runImport(fixture);
    const [first, before] = [await history(), await room()];
    const { output } = await runImport(fixture);
    expect(output).toMatch(/0 messages added.*\n.*200 messages stood there already/);
    expect(await history()).toEqual(first);
    expect(await room()).toEqual(before);
  });

  test("of a larger file adds what is new at the end, and says what is older than what stood there", async () => {
    // The newest first: without the first 20 lines the newest are missing, without the last 20 the oldest.
    await runImport(await write(records().slice(20, -20).join("")));
    const part = await history();
    const { output } = await runImport(fixture);
    expect(output).toMatch(/added messages older than the last that stood there: put after it/);
    const all = await history();
    expect(all).toHaveLength(200);
    expect(all.slice(0, part.length)).toEqual(part);
    expect(all.map(({ seq }) => Number(seq))).toEqual(all.map((_, index) => index + 1));
    expect(await room()).toMatchObject({ last_seq: "200", version: "200", last_message_id: all.at(-1)?.id });
  });

  test("after a dry run adds everything, since that wrote nothing", async () => {
    const dry = await runImport(fixture, "--dry-run");
    expect(dry.output).toContain("200 messages added");
    expect(await room()).toBeUndefined();
    expect((await runImport(fixture)).output).toContain("200 messages added");
  });
});

describe("malformed lines", () => {
  const spoil = (line: number, change: (line: string) => string) => {
    const index = line - 1;
    return lines.map((text, at) => at === index ? `${change(text.trimEnd())}\r` : text).join("\n");
  };
  // A line that is a record by itself, counted from 1.
  const single = () =>
    1 + lines.findIndex((line, index) => index > 5 && line.split("\t").length === 7 && !line.includes('"'));

  test.each([
    ["a missing column", (line: string) => line.replace(/\t[^\t]*$/, ""), "6 columns instead of 7"],
    ["a bad timestamp", (line: string) => line.replace(/\t2016-\d\d-\d\d/, "\t2016-02-30"), "is no ISO 8601 timestamp"],
    ["no message id", (line: string) => line.replace(/57c[0-9a-f]{21}/, ""), "no message id"],
    ["a text too long", (line: string) => `${line}${"ы".repeat(10_001)}`, /a text of 10\d\d\d characters/],
    ["a NUL", (line: string) => `${line}\0`, "a NUL character"],
    [
      "an open quote",
      (line: string) => line.replace(/\t([^\t]*)$/, '\t"$1'),
      /a quote that is not closed|after a closing quote/,
    ],
    ["a stray quote", (line: string) => `${line} "x"`, "a quote inside a field that is not quoted"],
  ])("%s is named by its number, and nothing is imported", async (_name, change, reason) => {
    const line = single();
    const path = await write(spoil(line, change));
    const refused = await runImport(path);
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain(`1 malformed line:\n  line ${line}: `);
    expect(refused.errors).toMatch(reason);
    expect(await room()).toBeUndefined();

    const skipped = await runImport(path, "--skip-bad");
    expect(skipped.code).toBe(0);
    expect(skipped.output).toContain(`Skipped 1 malformed line:\n  line ${line}: `);
    expect(skipped.output).toContain("199 messages added");
  });

  test("invalid UTF-8 is one of them", async () => {
    const line = single();
    const bytes = Buffer.from(spoil(line, (text) => `${text}@@`), "utf8");
    bytes[bytes.indexOf("@@")] = 0xff;
    const { errors } = await runImport(await write(bytes));
    expect(errors).toContain(`line ${line}: invalid UTF-8`);
  });

  test("more than 20 are counted, the first 20 listed", async () => {
    const bad = Array.from({ length: 25 }, (_, index) => `bad ${index}`).join("\r\n");
    const { errors } = await runImport(await write(`${bad}\r\n${lines.join("\n")}`));
    expect(errors).toContain("25 malformed lines:");
    expect(errors.match(/ {2}line \d+:/g)).toHaveLength(20);
    expect(errors).toContain("… and 5 more");
  });
});

describe("imported people", () => {
  test("cannot sign in, and can be found to be claimed later", async () => {
    await runImport(fixture);
    const people = await sql`select * from auth.users
      where raw_app_meta_data ->> 'imported_from' = 'gitter' and email like '57b00000%'`;
    expect(people).toHaveLength(12);
    for (const { email, encrypted_password } of people) {
      expect(email).toMatch(/@gitter\.invalid$/);
      expect(encrypted_password).toBeNull();
    }
    const email = people[0]?.email;
    for (const password of ["", "password", "null"]) {
      const { data, error } = await client().auth.signInWithPassword({ email, password });
      expect([data.session, error?.status]).toEqual([null, 400]);
    }
    for (const type of ["recovery", "email", "email_change"] as const) {
      const { data } = await client().auth.verifyOtp({ token_hash: "", type });
      expect(data.session).toBeNull();
    }
  });

  test("keep a name that is free here, and get one like it otherwise", async () => {
    const { username } = await newPerson("anna");
    await sql`update chat.profiles set username = 'anna' where username = ${username}`;
    await runImport(fixture);
    const names = (await history()).map((message) => message.username);
    expect(names).toContain("boris_k");
    expect(names).toContain("anna2");
    expect(names).not.toContain("anna");
    await sql`update chat.profiles set username = ${username} where username = 'anna'`;
  });

  test("stand in a room that a real person can join and read, with nothing unread", async () => {
    await runImport(fixture);
    const { supabase } = await newPerson("reader");
    const { id } = await room() ?? {};
    const member = await supabase.rpc("join_room", { room_id: Number(id) });
    expect(member.error).toBeNull();
    const { data } = await supabase.from("messages").select("content").eq("room_id", Number(id)).order("seq").limit(
      1000,
    );
    expect(data).toHaveLength(200);
    const { data: mine } = await supabase.from("room_members").select("last_read_seq").eq("room_id", Number(id))
      .eq("user_id", (await supabase.auth.getUser()).data.user?.id ?? "").single();
    expect(mine?.last_read_seq).toBe(200);
  });
});

describe("refusals", () => {
  test("a room that people made keeps its slug", async () => {
    const { id } = await newPerson("owner");
    await sql`insert into chat.rooms (kind, slug, name, created_by) values ('group', ${slug}, 'Ours', ${id})`;
    const { code, errors } = await runImport(fixture);
    expect([code, errors]).toEqual([1, expect.stringContaining(`The slug ${slug} belongs to another room.`)]);
    expect(await history()).toHaveLength(0);
  });

  test("a file that is not there, and options that do not exist", async () => {
    expect(await runImport("missing.tsv")).toMatchObject({ code: 1, errors: "There is no file missing.tsv.\n" });
    expect((await runImport(fixture, "--fast")).errors).toMatch(/Unknown option '--fast'/);
    expect((await runImport()).errors).toContain("npm run import -- FILE");
  });
});

const real = "../shared/data/gitter-python.tsv";

// Not on a stack that someone works with.
describe.runIf(existsSync(real) && !process.env.PARLEY_STATUS)("the history of FreeCodeCamp/python", () => {
  test("loads with its 6,339 messages of 309 people, 38 of them deleted", async () => {
    const { output } = await runImport(real);
    expect(output).toContain("6,339 messages added, 38 of them deleted by their authors.");
    expect(output).toContain("6,339 messages of 309 people");
    expect(output).toContain("1 repeated message id");
  });
});
