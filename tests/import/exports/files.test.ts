import { randomBytes } from "node:crypto";
import { copyFile, readdir, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { FileStore, type Upload } from "../../../scripts/import/exports/file_store.ts";
import { MessageFiles } from "../../../scripts/import/exports/files.ts";
import { FORMATS } from "../../../scripts/import/exports/formats.ts";
import { besideOf, isOutside, openInput } from "../../../scripts/import/exports/input.ts";
import { mediaType } from "../../../scripts/import/exports/media_types.ts";
import { pictureSize } from "../../../scripts/import/exports/picture_size.ts";
import { PIXEL } from "../../client/pixel.ts";
import { appClient } from "../../support/clients.ts";
import { newUser, uniqueName } from "../../support/users.ts";
import { exported } from "./exported.ts";
import { writeFolder, zipOf } from "./folders.ts";
import { FAILURES, storageGate } from "./gate.ts";
import { turnedJpeg } from "./pictures.ts";

const files = await exported("test-files");
const { api_url, secret_key } = inject("status");
const env = { SECRET_KEY: secret_key };

const folderOf = (name: string, content: Record<string, string | Uint8Array>) =>
  writeFolder(join(files.folder, name), content);

describe("an import of an export with files", () => {
  let folder: string;
  let gate: Awaited<ReturnType<typeof storageGate>>;
  const message = (id: string, paths: string[], more: object = {}) => ({
    ...{ type: "message", room: "r", id, sender: "ann", sent_at: `2024-01-01T00:00:0${id.slice(1)}Z` },
    files: paths.map((path) => ({ name: path.split("/").at(-1)!, path })),
    ...more,
  });
  const MESSAGES = [
    message("m1", ["media/garden.png"], { text: "a garden" }),
    message("m2", ["media/page.html"]),
    message("m3", [
      "../outside.txt",
      "/etc/hostname",
      "media/link.txt",
      "media/none.txt",
      "media/large.bin",
      "media/empty",
    ]),
    message("m4", Array(11).fill("media/notes.txt")),
    message("m5", [], {
      files: [{ name: "a/b\u0001.txt", path: "media/notes.txt", mime_type: "TEXT/x-log; charset=utf-8" }],
    }),
    message("m6", ["media/garden.png"], { deleted_at: "2024-01-02T00:00:00Z" }),
  ];
  const LATER = message("m7", ["media/garden.png"]);
  const write = (messages: object[]) =>
    folderOf("chat", {
      "chat.jsonl": [{ type: "person", id: "ann" }, ...messages].map((line) => JSON.stringify(line)).join("\n"),
    });
  const run = (...options: string[]) => files.run("parley", folder, "--api-url", gate.url, ...options, { env });
  const stored = () =>
    files.sql`
      select name, metadata ->> 'mimetype' as type from storage.objects
      where name = any (${gate.paths()}) order by 1`;
  const queued = () =>
    files.sql`
      select path from chat_private.files_to_remove join storage.objects on name = path
      where path = any (${gate.paths()}) order by 1`;
  const attached = () =>
    files.sql`
      select attachments.*, messages.content, messages.attachments as shown, messages.seq
      from chat.attachments join chat.messages on messages.id = message_id
      join chat_private.imported_rows as known on known.kind = 'room' and known.target_id = messages.room_id
      join chat_private.imports on imports.id = import_id and imports.name = 'test-files'
      order by messages.seq, attachments.name, attachments.id`;
  let resumed: Awaited<ReturnType<typeof run>>;
  let rows: Awaited<ReturnType<typeof attached>>;

  beforeAll(async () => {
    folder = await folderOf("chat", {
      ...{ "media/garden.png": PIXEL, "media/page.html": "<script>", "media/notes.txt": "notes", "media/empty": "" },
      ...{ "media/large.bin": "", "../outside.txt": "outside" },
    });
    await truncate(join(folder, "media/large.bin"), 26_214_401);
    await symlink(join(files.folder, "outside.txt"), join(folder, "media/link.txt"));
    await write(MESSAGES);
    gate = await storageGate(api_url, 3);
    const kill = new AbortController();
    const temporary = await folderOf("temporary", { kept: "" });
    const settings = { signal: kill.signal, env: { ...env, TMPDIR: temporary } };
    const dying = files.run("parley", folder, "--api-url", gate.url, settings);
    while ((await stored()).length < 3) await sleep(20);
    kill.abort();
    await dying;
    expect(await readdir(temporary)).toEqual(["kept"]);
    const queue = (await queued()).map(({ path }) => path);
    for (const { name } of await stored()) expect(queue).toContain(name);
    expect(await attached()).toEqual([]);
    gate.open();
    resumed = await run();
    rows = await attached();
  }, 180_000);
  afterAll(() => gate.close());

  test("that was killed goes on: nothing is uploaded twice, and nothing is left to remove", async () => {
    expect(resumed.output).toContain("files: 13 of 20, 13 of them new");
    expect(resumed.code).toBe(2);
    expect(rows).toHaveLength(13);
    expect((await stored()).map(({ name }) => name)).toEqual(rows.map(({ path }) => path).sort());
    expect(gate.paths()).toHaveLength(13);
    expect(await queued()).toEqual([]);
  });

  test("makes them attachments, as a send does", () => {
    expect(
      rows.filter(({ seq }) => seq !== "4").map(({ seq, name, mime_type, bytes, width, height, content }) => [
        ...[seq, name, mime_type, bytes, width, height, content],
      ]),
    ).toEqual([
      ["1", "garden.png", "image/png", String(PIXEL.length), 1, 1, "a garden"],
      ["2", "page.html", "text/html", "8", null, null, ""],
      ["5", "a_b_.txt", "text/x-log", "5", null, null, ""],
    ]);
    for (const { shown, id, path, uploader_id } of rows) {
      expect(shown).toContainEqual(expect.objectContaining({ id, path }));
      expect(uploader_id).not.toBeNull();
    }
    expect(rows.filter(({ seq }) => seq === "4")).toHaveLength(10);
  });

  test("names those that may not come, and says why", async () => {
    const [room] = await files.rooms();
    expect(room!.messages.map(({ text }) => text)).toEqual([
      "a garden",
      "",
      [..."outside.txt hostname link.txt none.txt large.bin empty".split(" ")].map((name) => `[file: ${name}]`).join(
        "\n",
      ),
      "[file: notes.txt]",
      "",
      "",
    ]);
    for (
      const reason of [
        "(hostname: /etc/hostname), r/m3 (outside.txt: ../outside.txt): a file whose path leads out of the export",
        "(link.txt: media/link.txt), r/m3 (none.txt: media/none.txt): a file that is not in the export",
        "(large.bin: media/large.bin): a file of more than 25 MB",
        "(empty: media/empty): an empty file",
        "file r/m4 (notes.txt: media/notes.txt): a file of a message with more than 10",
      ]
    ) expect(resumed.output).toContain(reason);
  });

  test("lets members read them, and nobody else", async () => {
    const [member, stranger] = await Promise.all([newUser("member"), newUser("stranger")]);
    const [{ room_id, path }] = rows as never as [{ room_id: number; path: string }];
    await files.sql`insert into chat.room_members (room_id, user_id) values (${room_id}, ${member.id})`;
    const seenBy = async ({ supabase }: typeof member) => [
      (await supabase.from("attachments").select("path").eq("path", path)).data,
      (await supabase.storage.from("chat-files").download(path)).data?.size,
    ];
    expect(await seenBy(member)).toEqual([[{ path }], PIXEL.length]);
    expect(await seenBy(stranger)).toEqual([[], undefined]);
  });

  test("adds nothing twice, and with --since what is newer", async () => {
    await write([...MESSAGES, LATER]);
    const dry = await run("--since", "2024-01-01T00:00:07Z", "--dry-run");
    expect(dry.output).toContain("files: 1 of 1, 1 of them new");
    expect(await attached()).toEqual(rows);
    const again = await run();
    expect(again.output).toContain("files: 14 of 21, 1 of them new");
    expect((await attached()).slice(0, 13)).toEqual(rows);
    expect(await queued()).toEqual([]);
  });

  test("is refused while it is not known where files go, unless they are left", async () => {
    const { code, errors } = await files.run("parley", folder);
    expect([code, errors]).toEqual([1, expect.stringContaining("or leave them with --no-files")]);
    const before = await files.rooms();
    const left = await files.run("parley", folder, "--no-files");
    expect([left.code, left.output]).toEqual([0, expect.stringContaining("files: 14 of 21, 0 of them new")]);
    expect(await files.rooms()).toEqual(before);
  });
});

describe("a file for Storage", () => {
  const through = (apiUrl: string, retryDelaysMs?: number[]) =>
    new FileStore(files.sql, { apiUrl, dbUrl: "", secretKey: secret_key }, retryDelaysMs);
  const store = through(api_url);
  const upload = (name: string, content: string | Readable): Upload => ({
    path: `imported/${name}`,
    mime_type: "text/plain",
    bytes: typeof content === "string" ? content.length : 4,
    file: { size: 4, open: () => Promise.resolve(typeof content === "string" ? Readable.from([content]) : content) },
  });
  const name = uniqueName("file");
  const queue = (path: string) =>
    files
      .sql`select is_last, due_at > now() + interval '23 hours' as is_later from chat_private.files_to_remove where path = ${path}`;
  const textAt = async (path: string) =>
    (await appClient({ key: secret_key }).storage.from("chat-files").download(path)).data?.text();
  afterAll(async () => {
    await files.sql`update chat_private.files_to_remove set due_at = now() where path like ${`%/${name}%`}`;
  });

  test("is uploaded once, and removed in a day unless a message takes it", async () => {
    const path = `imported/${name}`;
    expect(await store.store(upload(name, "tea!"))).toEqual({ path });
    expect(await queue(path)).toEqual([{ is_last: false, is_later: true }]);
    // A second upload would end with an error.
    expect(
      await store.store(upload(
        name,
        new Readable({
          read() {
            this.destroy(new Error("read"));
          },
        }),
      )),
    ).toEqual({ path });
    expect(await textAt(path)).toBe("tea!");
  });

  test("goes elsewhere when something else is at its path, or is about to be removed there", async () => {
    const other = { path: expect.stringMatching(`^imported/${name}-[0-9a-f]{8}$`) };
    const second = await store.store(upload(name, "coffee")) as { path: string };
    expect(second).toEqual(other);
    expect([await textAt(second.path), await textAt(`imported/${name}`)]).toEqual(["coffee", "tea!"]);
    await files
      .sql`update chat_private.files_to_remove set due_at = now() + interval '5 minutes' where path = ${`imported/${name}`}`;
    expect(await store.store(upload(name, "tea!"))).toEqual(other);
    expect(await queue(`imported/${name}`)).toEqual([{ is_last: false, is_later: false }]);
  });

  test("that cannot be read, or has another length than it says, does not come", async () => {
    const reason = "a file that cannot be read to its end, or changes";
    const broken = new Readable({
      read() {
        this.destroy(new Error("read"));
      },
    });
    expect(await store.store(upload(`${name}-broken`, broken))).toEqual({ reason });
    expect(await store.store({ ...upload(`${name}-short`, "tea!"), bytes: 5 })).toEqual({ reason });
    expect(await queue(`imported/${name}-short`)).toHaveLength(1);
  });

  test("may be refused before all of it was read, also by a proxy with a page", async () => {
    const server = createServer((_, response) => response.writeHead(413).end("<html>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxied = through(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const endless = new Readable({ read: (size) => void endless.push(Buffer.alloc(size)) });
    expect(await proxied.store(upload(`${name}-page`, endless))).toEqual({
      reason: "a file that the bucket chat-files does not take",
    });
    expect(endless.destroyed).toBe(true);
    server.closeAllConnections();
    server.close();
  });

  test("comes in spite of failures of Storage and the network, once", async () => {
    const { withPage, withStatusInBody, withoutAnswer, afterIt } = FAILURES;
    const gate = await storageGate(api_url, 1, [withPage, withStatusInBody, withoutAnswer]);
    const path = `imported/${name}-late`;
    expect(await through(gate.url, [1, 1, 1]).store(upload(`${name}-late`, "tea!"))).toEqual({ path });
    expect([gate.left(), gate.paths(), await textAt(path)]).toEqual([0, [path], "tea!"]);
    gate.close();
    const losing = await storageGate(api_url, 0, [afterIt]);
    losing.open();
    expect(await through(losing.url, [1]).store(upload(`${name}-lost`, "tea!"))).toEqual({
      path: `imported/${name}-lost`,
    });
    expect([losing.left(), losing.paths()]).toEqual([0, []]);
    losing.close();
  });

  test("ends the import when Storage fails for long, or refuses the key", async () => {
    await expect(through("http://127.0.0.1:1", [1, 1]).store(upload(`${name}-away`, "tea!"))).rejects.toThrow(
      /^Storage does not take files: .+, in 3 attempts\. Start the import again when it does\.$/,
    );
    const wrong = new FileStore(files.sql, { apiUrl: api_url, dbUrl: "", secretKey: "sb_secret_wrong" }, [1]);
    await expect(wrong.store(upload(`${name}-wrong`, "tea!"))).rejects.toThrow(
      /^Storage does not take files: (?!.*attempts)/,
    );
  });

  describe("while the others of its room are uploaded", () => {
    const HOUR_MS = 3_600_000;
    beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
    afterEach(() => void vi.useRealTimers());
    const pass = (hours: number) => vi.setSystemTime(Date.now() + hours * HOUR_MS);

    test("is kept from removal for as long as it takes", async () => {
      await files.sql`
        insert into chat_private.files_to_remove (path, due_at, is_last) values
          (${`imported/${name}-waits`}, now() + interval '2 hours', false),
          (${`imported/${name}-going`}, now() + interval '5 minutes', false),
          (${`imported/${name}-gone`}, now() + interval '2 hours', true),
          (${`elsewhere/${name}`}, now() + interval '2 hours', false)`;
      const isLater = async (path: string) => (await queue(path))[0]?.is_later;
      const waiting = `imported/${name}-waits`;
      const others = [`imported/${name}-going`, `imported/${name}-gone`, `elsewhere/${name}`];
      const slow = through(api_url);
      pass(0.9);
      await slow.keep();
      expect(await isLater(waiting)).toBe(false);
      pass(0.2);
      await slow.store(upload(`${name}-next`, "tea!"));
      expect(await Promise.all([waiting, ...others].map(isLater))).toEqual([true, false, false, false]);
      pass(21.9);
      await slow.keep();
      pass(22.1);
      await expect(slow.keep()).rejects.toThrow("the import stood still for most of a day");
      slow.begin();
      await slow.keep();
    });

    test("is not used after a day without that, which only counts from the first of the room", async () => {
      let hours = 0;
      const spool = {
        *messagesWithFiles() {
          pass(hours);
          yield* [];
        },
      };
      const project = { apiUrl: api_url, dbUrl: "", secretKey: secret_key };
      const room = new MessageFiles({ spool, project, target: { sql: files.sql }, dryRun: false } as never);
      pass(23);
      await room.prepare(1, 1);
      hours = 23;
      await expect(room.prepare(2, 2)).rejects.toThrow("the import stood still for most of a day");
    });
  });
});

describe("the files of an export", () => {
  /** What a reader says of files, and what of them is found. */
  async function found(format: string, path: string, media?: string): Promise<Record<string, string | undefined>> {
    const input = await openInput(path, () => {}, media);
    const all: Record<string, string | undefined> = {};
    try {
      for await (const record of FORMATS[format]!(input, { zone: "UTC", dates: "dmy" })) {
        if (record.type === "unread") throw new Error(`${record.reason}: ${record.detail}`);
        for (const { name, path } of record.type === "message" ? record.files ?? [] : []) {
          const file = path ? await input.find(path) : undefined;
          const chunks: Uint8Array[] = [];
          if (file) { for await (const chunk of await file.open()) chunks.push(chunk); }
          all[name] = file && Buffer.concat(chunks).toString();
        }
      }
    } finally {
      input.close();
    }
    return all;
  }

  test("of Slack are known by their ids, in a zip and in the folder of --media", async () => {
    const said = (id: string, name: string) => ({ id, name, url_private: "https://files.slack.com/x" });
    const chat = await folderOf("slack", {
      "channels.json": JSON.stringify([{ id: "C1", name: "general", members: [] }]),
      "general/2024-01-01.json": JSON.stringify([
        { ts: "1704103200.000100", user: "U1", files: [said("F0000001", "a.txt"), said("F0000002", "channels.json")] },
        { ts: "1704103200.000200", user: "U1", files: [said("F0000003", "c.txt"), said("F0000004", "none.txt")] },
      ]),
      "__uploads/F0000001/a.txt": "of a",
      "general/attachments/F0000002-channels.json": "of b",
    });
    const media = await folderOf("fetched", { "F0000003/c.txt": "of c" });
    const all = { "a.txt": "of a", "channels.json": "of b", "c.txt": "of c", "none.txt": undefined };
    expect(await found("slack", await zipOf(chat), media)).toEqual(all);
    expect(await found("slack", chat)).toEqual({ ...all, "c.txt": undefined });
  });

  test("of Discord are in the folder beside a file, also when it was written on Windows", async () => {
    const line = (id: string, url: string) => ({
      ...{ id, type: "Default", timestamp: "2024-01-01T00:00:00Z", author: { id: "1" }, content: "" },
      attachments: [{ fileName: `${id}.json`, url }],
    });
    const chat = await folderOf("discord", {
      "general.json": JSON.stringify({
        channel: { id: "1", type: "GuildTextChat", name: "general" },
        messages: [
          line("1", "general.json_Files/a-1F.json"),
          line("2", "general.json_Files\\b.txt"),
          line("3", "other.txt"),
        ],
      }),
      "general.json_Files/a-1F.json": "of a",
      "general.json_Files/b.txt": "of b",
      "other.txt": "not of this export",
    });
    expect(await found("discord", join(chat, "general.json"))).toEqual({ "1.json": "of a", "2.json": "of b" });
    expect(await found("discord", chat)).toMatchObject({ "1.json": "of a", "2.json": "of b" });
  });

  test("of Telegram are beside result.json", async () => {
    const line = { type: "message", date: "2024-01-01T00:00:00", from: "Ann", from_id: "user1", text: "" };
    const chat = await folderOf("telegram/ChatExport", {
      "result.json": JSON.stringify({
        ...{ name: "Garden", type: "private_group", id: 1 },
        messages: [
          { ...line, id: 1, photo: "photos/photo_1.jpg" },
          { ...line, id: 2, file: "files/plan.json", file_name: "plan.json" },
          { ...line, id: 3, photo: "(File not included. Change data exporting settings to download.)" },
        ],
      }),
      "photos/photo_1.jpg": "a photo",
      "files/plan.json": "a plan",
    });
    const all = { "photo_1.jpg": "a photo", "plan.json": "a plan", "photo, not in the export": undefined };
    expect(await found("telegram", chat)).toEqual(all);
    // A folder of downloads may have other files of these names.
    const [first] = Object.keys(all);
    expect((await found("telegram", join(chat, "result.json")))[first!]).toBeUndefined();
  });

  test("of Mattermost are in the folder data of the zip", async () => {
    const post = { team: "t", channel: "c", user: "ann", message: "", create_at: 1_704_067_200_000 };
    const lines = [
      { type: "version", version: 1 },
      { type: "team", team: { name: "t" } },
      { type: "channel", channel: { team: "t", name: "c" } },
      {
        type: "post",
        post: {
          ...post,
          attachments: [{ path: "20240101/teams/noteam/a.jsonl" }, { path: "data/b.txt" }],
          replies: [{ ...post, create_at: post.create_at + 1, attachments: [{ path: "../c.txt" }] }],
        },
      },
    ];
    const chat = await folderOf("mattermost", {
      "import.jsonl": lines.map((line) => JSON.stringify(line)).join("\n"),
      "data/20240101/teams/noteam/a.jsonl": "of a",
      "data/b.txt": "of b",
      "c.txt": "not in data",
    });
    expect(await found("mattermost", await zipOf(chat))).toEqual({
      "a.jsonl": "of a",
      "b.txt": "of b",
      "c.txt": undefined,
    });
  });

  test("of WhatsApp are beside the text of the chat", async () => {
    const chat = await folderOf("WhatsApp Chat - Garden", {
      "IMG-1.jpg": "a photo",
      "notes.txt": "notes",
    });
    await copyFile("tests/fixtures/exports/whatsapp_ios.txt", join(chat, "_chat.txt"));
    await writeFile(
      join(chat, "_chat.txt"),
      "[31.12.23, 10:00:00] Ann: \u200e<attached: IMG-1.jpg>\n[31.12.23, 10:00:01] Ann: notes.txt (file attached)\n",
    );
    const all = { "IMG-1.jpg": "a photo", "notes.txt": "notes" };
    expect(await found("whatsapp", chat)).toEqual(all);
    expect(await found("whatsapp", await zipOf(chat))).toEqual(all);
  });

  test("of a zip are read several at once, and not always to the end", async () => {
    const names = Array.from({ length: 8 }, (_, number) => `${number}.bin`);
    const content = randomBytes(500_000);
    const zip = await zipOf(await folderOf("several", Object.fromEntries(names.map((name) => [name, content]))));
    const input = await openInput(zip, () => {});
    const read = async (name: string, most: number) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await (await input.find(name))!.open()) {
        chunks.push(chunk);
        if (chunks.length === most) break;
      }
      return Buffer.concat(chunks);
    };
    const all = await Promise.all(names.map((name, number) => read(name, number % 2 === 0 ? 1 : Infinity)));
    for (const [number, bytes] of all.entries()) expect(bytes.equals(content)).toBe(number % 2 === 1);
    input.close();
  });

  test("are never outside", () => {
    for (const path of ["/etc/passwd", "a/../../b", "..", "C:\\x", "c:x", "\\\\host\\x", "a\\..\\b", "a\0b"]) {
      expect([path, isOutside(path)]).toEqual([path, true]);
      expect(isOutside(besideOf("folder/chat.jsonl", path))).toBe(true);
    }
    expect([isOutside("a/b..c/d.png"), besideOf("x/chat.jsonl", "./a.png")]).toEqual([false, "x/a.png"]);
  });

  test("that are pictures say their size as they are shown", () => {
    const bytes = (text: string, more: number[]) => new Uint8Array([...Buffer.from(text, "latin1"), ...more]);
    const [shown, turned] = [{ width: 3, height: 2 }, { width: 2, height: 3 }];
    expect(pictureSize(PIXEL)).toEqual({ width: 1, height: 1 });
    expect(pictureSize(bytes("GIF89a", [3, 0, 2, 1]))).toEqual({ width: 3, height: 258 });
    const sizes = [1, 4, 5, 8, 9].map((orientation) => pictureSize(turnedJpeg(orientation)));
    expect(sizes).toEqual([shown, shown, turned, turned, shown]);
    expect(pictureSize(bytes("RIFF....WEBPVP8X........", [2, 0, 0, 1, 0, 0]))).toEqual(shown);
    expect(pictureSize(bytes("RIFF....WEBPVP8L.....", [2, 0x40, 0, 0, 0]))).toEqual(shown);
    expect(pictureSize(bytes("RIFF....WEBPVP8 ..........", [3, 0, 2, 0]))).toEqual(shown);
    expect(pictureSize(bytes("<svg width='3' height='2'>", []))).toBeUndefined();
  });

  test("that are broken say no size, wherever they end", () => {
    const pictures = [PIXEL.slice(0, 24), turnedJpeg(6).slice(0, -12)];
    for (const picture of pictures) {
      expect(pictureSize(picture)).toBeDefined();
      for (let length = 0; length < picture.length; length++) {
        // A picture in a part of a larger memory, which holds others.
        const memory = Buffer.alloc(1000, 1);
        memory.set(picture.subarray(0, length));
        expect([length, pictureSize(memory.subarray(0, length))]).toEqual([length, undefined]);
      }
    }
  });

  test("have the type that the export says, or that of their ending", () => {
    const types = {
      ...{ "a.png": "image/png", "A.JPG": "image/jpeg", "a.jfif": "image/jpeg", "a.m4v": "video/mp4" },
      ...{ "a.flac": "audio/flac", "a.tgz": "application/gzip", "a.svg": "image/svg+xml", "a.html": "text/html" },
      ...{ "a.opus": "audio/ogg", "html": "application/octet-stream", "a.unknown": "application/octet-stream" },
    };
    expect(Object.keys(types).map((name) => mediaType(null, name))).toEqual(Object.values(types));
    expect(mediaType("Text/X-Log; charset=utf-8", "a.png")).toBe("text/x-log");
    for (const said of ["", "png", "a/b c", `a/${"b".repeat(126)}`, "application/octet-stream"]) {
      expect(mediaType(said, "a.png")).toBe("image/png");
    }
  });
});
