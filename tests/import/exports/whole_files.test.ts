import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { PIXEL } from "../../client/pixel.ts";
import { newUser, type User } from "../../support/users.ts";
import { exported } from "./exported.ts";
import { writeFolder, zipOf } from "./folders.ts";
import { FAILURES, storageGate } from "./gate.ts";
import { turnedJpeg } from "./pictures.ts";

const NAME = "test-whole-files";
const exports = await exported(NAME);
const { api_url, secret_key } = inject("status");

const TURNED = turnedJpeg(6);
/** Its size stands behind more than one part of the file. */
const LATE = turnedJpeg(8, 65_000);
const BYTES = {
  page: new TextEncoder().encode("<script>alert(1)</script>"),
  video: new Uint8Array(300_000).fill(7),
  plan: new TextEncoder().encode("%PDF-1.7 a plan"),
  voice: new TextEncoder().encode("OggS a voice"),
};
/** Long contents are compared as text, which is faster. */
const base64 = (content: ArrayBuffer | Uint8Array) => Buffer.from(content as Uint8Array).toString("base64");
const lines = (all: object[]) => all.map((line) => JSON.stringify(line)).join("\n");

/** What an attachment is made of: its name, type, size and duration, and what is in it. */
interface Attached {
  name: string;
  mime_type: string;
  width?: number;
  height?: number;
  duration_ms?: number;
  content: Uint8Array;
}

/** An export as the source writes it, with the options of the import, and the files of its messages in their order. */
interface Source {
  write: () => Promise<string>;
  options?: string[];
  files: Attached[];
}

const folder = (name: string, content: Record<string, string | Uint8Array>) =>
  writeFolder(join(exports.folder, name), content);

const slack: Source = {
  write: async () =>
    await zipOf(
      await folder("Garden Slack export", {
        "users.json": JSON.stringify([{ id: "U1", team_id: "T1", name: "ann", profile: { real_name: "Ann" } }]),
        "channels.json": JSON.stringify([
          { id: "C1", name: "general", created: 1_704_103_200, creator: "U1", members: ["U1"] },
        ]),
        "general/2024-01-01.json": JSON.stringify([{
          ...{ type: "message", text: "two", user: "U1", ts: "1704103200.000100", upload: true },
          files: [
            // Slack says the sides as the camera has written them.
            {
              ...{ id: "F0000001", name: "garden.jpg", title: "garden", mimetype: "image/jpeg", filetype: "jpg" },
              ...{ mode: "hosted", size: TURNED.length, original_w: 3, original_h: 2, image_exif_rotation: 6 },
              url_private: "https://files.slack.com/files-pri/T1-F0000001/garden.jpg?t=xoxe-1",
            },
            { id: "F0000002", name: "page.html", mimetype: "text/html", filetype: "html", mode: "snippet", size: 25 },
          ],
        }]),
        "__uploads/F0000001/garden.jpg": TURNED,
        "__uploads/F0000002/page.html": BYTES.page,
      }),
    ),
  files: [
    { name: "garden.jpg", mime_type: "image/jpeg", width: 2, height: 3, content: TURNED },
    { name: "page.html", mime_type: "text/html", content: BYTES.page },
  ],
};

const discord: Source = {
  write: async () => {
    const file = "Garden - Text - general [881000000000000001].json";
    const chat = {
      guild: { id: "880000000000000001", name: "Garden" },
      channel: { id: "881000000000000001", type: "GuildTextChat", category: "Text", name: "general" },
      messages: [{
        ...{ id: "882000000000000001", type: "Default", timestamp: "2024-01-01T10:00:00.123+01:00", isPinned: false },
        ...{ content: "", author: { id: "100000000000000001", name: "ann", nickname: "Ann", isBot: false } },
        attachments: [
          {
            ...{ id: "883000000000000001", fileName: "map.png", fileSizeBytes: PIXEL.length },
            url: `${file}_Files\\map-1F2E3.png`,
          },
        ],
      }],
      messageCount: 1,
    };
    return join(
      await folder("discord", { [file]: JSON.stringify(chat), [`${file}_Files/map-1F2E3.png`]: PIXEL }),
      file,
    );
  },
  files: [{ name: "map.png", mime_type: "image/png", width: 1, height: 1, content: PIXEL }],
};

const telegram: Source = {
  write: () => {
    const line = { type: "message", date: "2024-01-01T10:00:00", date_unixtime: "1704103200", from: "Ann" };
    return folder("telegram/ChatExport_2024-01-01", {
      "result.json": JSON.stringify({
        ...{ name: "Garden", type: "private_group", id: 1 },
        messages: [
          {
            ...{ ...line, id: 1, from_id: "user1", text: "", photo: "photos/photo_1@01-01-2024_10-00-00.jpg" },
            ...{ photo_file_size: LATE.length, width: 3, height: 2 },
          },
          {
            ...{ ...line, id: 2, from_id: "user1", text: "", file: "video_files/tea.mp4", file_name: "tea.mp4" },
            ...{ media_type: "video_file", mime_type: "video/mp4", duration_seconds: 12, width: 640, height: 360 },
          },
        ],
      }),
      "photos/photo_1@01-01-2024_10-00-00.jpg": LATE,
      "video_files/tea.mp4": BYTES.video,
    });
  },
  files: [
    { name: "photo_1@01-01-2024_10-00-00.jpg", mime_type: "image/jpeg", width: 2, height: 3, content: LATE },
    ...[{
      name: "tea.mp4",
      mime_type: "video/mp4",
      width: 640,
      height: 360,
      duration_ms: 12_000,
      content: BYTES.video,
    }],
  ],
};

const mattermost: Source = {
  write: async () => {
    const membership = { name: "garden", roles: "team_user", channels: [{ name: "plans", roles: "channel_user" }] };
    const post = { team: "garden", channel: "plans", user: "ann", message: "", create_at: 1_704_103_200_000 };
    return await zipOf(
      await folder("mattermost", {
        "import.jsonl": lines([
          { type: "version", version: 1, info: { generator: "mattermost-server", version: "9.5.0" } },
          { type: "team", team: { name: "garden", display_name: "Garden", type: "I" } },
          { type: "channel", channel: { team: "garden", name: "plans", display_name: "Plans", type: "P" } },
          { type: "user", user: { username: "ann", first_name: "Ann", teams: [membership] } },
          { type: "post", post: { ...post, attachments: [{ path: "20240101/teams/noteam/a1/plan.pdf" }] } },
        ]),
        "data/20240101/teams/noteam/a1/plan.pdf": BYTES.plan,
      }),
    );
  },
  files: [{ name: "plan.pdf", mime_type: "application/pdf", content: BYTES.plan }],
};

const whatsapp: Source = {
  write: () =>
    folder("WhatsApp Chat - Garden", {
      "_chat.txt": [
        "\u200e[01.01.24, 00:01:00] Ann: \u200e<attached: 00000004-PHOTO-2024-01-01-00-01-00.jpg>",
        "\u200e[01.01.24, 00:02:00] Ann: \u200e<attached: 00000005-AUDIO-2024-01-01-00-02-00.opus>\r\n",
      ].join("\r\n"),
      "00000004-PHOTO-2024-01-01-00-01-00.jpg": TURNED.slice(0, 40),
      "00000005-AUDIO-2024-01-01-00-02-00.opus": BYTES.voice,
    }),
  options: ["--dates", "dmy", "--zone", "Europe/Berlin"],
  files: [
    // It is broken, and comes without a size.
    { name: "00000004-PHOTO-2024-01-01-00-01-00.jpg", mime_type: "image/jpeg", content: TURNED.slice(0, 40) },
    { name: "00000005-AUDIO-2024-01-01-00-02-00.opus", mime_type: "audio/ogg", content: BYTES.voice },
  ],
};

const sources: Record<string, Source> = { slack, discord, telegram, mattermost, whatsapp };

let member: User;
let stranger: User;
beforeAll(async () => {
  [member, stranger] = await Promise.all([newUser("member"), newUser("stranger")]);
});

describe.each(Object.entries(sources))("an import from %s with files", (format, { write, options = [], files }) => {
  const name = `${NAME}-${format}`;
  let gate: Awaited<ReturnType<typeof storageGate>>;
  let path: string;
  let first: Awaited<ReturnType<typeof exports.run>>;
  const run = () =>
    exports.run(format, path, "--api-url", gate.url, "--name", name, ...options, { env: { SECRET_KEY: secret_key } });
  const state = () =>
    exports.sql`
      select attachments.*, messages.attachments as shown, messages.version
      from chat.attachments join chat.messages on messages.id = message_id
      join chat_private.imported_rows as known on known.kind = 'room' and known.target_id = messages.room_id
      join chat_private.imports on imports.id = import_id and imports.name = ${name}
      order by messages.seq, attachments.name`;
  let rows: Awaited<ReturnType<typeof state>>;

  beforeAll(async () => {
    path = await write();
    // An upload may have to be tried again, from the start of the file.
    gate = await storageGate(api_url, Infinity, [FAILURES.withStatusInBody]);
    first = await run();
    rows = await state();
  });
  afterAll(() => gate.close());

  test("makes attachments of them, with names, types and sizes", () => {
    const { length } = files;
    expect(first.output).toContain(`files: ${length} of ${length}, ${length} of them new`);
    expect([first.code, gate.left()]).toEqual([0, 0]);
    expect(gate.paths().sort()).toEqual(rows.map(({ path }) => path).sort());
    const expected = files.map(({ content, width = null, height = null, duration_ms = null, ...file }) => ({
      ...{ ...file, bytes: String(content.length), width, height, duration_ms },
    }));
    expect(rows).toMatchObject(expected);
    expect(rows.map(({ shown, id }) => shown.filter((file: { id: string }) => file.id === id))).toMatchObject(
      files.map(({ name, mime_type }) => [{ name, mime_type }]),
    );
  });

  test("gives a member the same bytes, and a stranger nothing", async () => {
    await exports.sql`insert into chat.room_members (room_id, user_id) values (${rows[0]!.room_id}, ${member.id})`;
    const seenBy = async ({ supabase }: User) => {
      const { data } = await supabase.from("messages").select("attachments").eq("room_id", rows[0]!.room_id).order(
        "seq",
      );
      const shown = (data ?? []).flatMap(({ attachments }) => attachments as { name: string }[]);
      const contents = rows.map(async ({ path }) => {
        const { data } = await supabase.storage.from("chat-files").download(path);
        return data && base64(await data.arrayBuffer());
      });
      return { names: shown.map(({ name }) => name).sort(), contents: await Promise.all(contents) };
    };
    expect(await seenBy(member)).toEqual({
      names: files.map(({ name }) => name).sort(),
      contents: files.map(({ content }) => base64(content)),
    });
    expect(await seenBy(stranger)).toMatchObject({ contents: files.map(() => null) });
  });

  test("changes nothing when it is repeated", async () => {
    const { length } = files;
    const again = await run();
    expect(again.output).toContain(`files: ${length} of ${length}, 0 of them new`);
    expect([again.code, gate.paths().length]).toEqual([0, length]);
    expect(await state()).toEqual(rows);
  });
});
