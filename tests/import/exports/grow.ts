import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What an import of a grown export has to give: of each room how many messages and answers, and a sum over all that they are. */
export type Expected = Record<string, { messages: number; replies: number; sum: string }>;

/** The formats that can be grown. */
export type GrownFormat = "discord" | "telegram" | "stream";

const PEOPLE = 100;
const ROOMS = 8;
const START_MS = 1_500_000_000_000;
/** Telegram allows longer messages than most. */
const LONG = "a long line of a report about tea, ".repeat(229).trim();

interface Written {
  number: number;
  person: number;
  at: number;
  text: string;
  /** The number of the message that it answers. */
  reply?: number;
}

/** Writes an export of that size as its tool does, with messages that are all different. Returns the file or the folder. */
export async function growExport(
  format: GrownFormat,
  { folder, megabytes }: { folder: string; megabytes: number },
): Promise<{ path: string; expected: Expected }> {
  const tally = new Tally();
  if (format === "discord") {
    const path = join(folder, "discord");
    await mkdir(path);
    for (let room = 1; room <= ROOMS; room++) {
      const size = { id: String(room), megabytes: megabytes * shareOf(room) };
      await writeParts(join(path, `${room}.json`), channelOfDiscord(size, tally));
    }
    return { path, expected: tally.expected() };
  }
  const path = join(folder, format === "telegram" ? "result.json" : "stream.jsonl");
  await writeParts(path, format === "telegram" ? telegram(megabytes, tally) : stream(megabytes, tally));
  return { path, expected: tally.expected() };
}

/** Writes a channel of Discord of that size, as DiscordChatExporter does. */
export const growChannel = (file: string, size: { id: string; megabytes: number }): Promise<void> =>
  writeParts(file, channelOfDiscord(size, new Tally()));

/** The statement that finds what is here of an import, to compare with what was expected. */
export const FOUND = `
  select rooms.name, count(*)::integer as messages, count(messages.reply_to_id)::integer as replies,
    sum(('x' || left(md5(concat_ws(' ', messages.seq, senders.raw_app_meta_data ->> 'source_id',
      (extract(epoch from messages.created_at) * 1000)::bigint, messages.content)), 8))::bit(32)::bigint)::text as sum
  from chat_private.imports join chat_private.imported_rows as known on import_id = imports.id and known.kind = 'room'
  join chat.rooms on rooms.id = known.target_id
  join chat.messages on messages.room_id = rooms.id
  left join auth.users as senders on senders.id = messages.sender_id
  where imports.name = $1
  group by rooms.id`;

/** Counts what is written. */
class Tally {
  readonly #rooms = new Map<string, { messages: number; replies: number; sum: bigint }>();

  add(room: string, sender: string, { at, text, reply }: Written): void {
    const known = this.#rooms.get(room) ?? { messages: 0, replies: 0, sum: 0n };
    known.messages++;
    if (reply !== undefined) known.replies++;
    const hash = createHash("md5").update(`${known.messages} ${sender} ${at} ${text}`).digest();
    known.sum += BigInt(hash.readUInt32BE());
    this.#rooms.set(room, known);
  }

  expected(): Expected {
    return Object.fromEntries([...this.#rooms].map(([room, known]) => [room, { ...known, sum: String(known.sum) }]));
  }
}

const writeParts = (file: string, parts: Iterable<string>) =>
  pipeline(Readable.from(chunksOf(parts)), createWriteStream(file));

/** A stream of many small parts is slow. */
function* chunksOf(parts: Iterable<string>): Generator<string> {
  let chunk = "";
  for (const part of parts) {
    chunk += part;
    if (chunk.length < 2 ** 16) continue;
    yield chunk;
    chunk = "";
  }
  yield chunk;
}

/** The first rooms are the largest: which part of all a room is. */
const shareOf = (room: number) => (ROOMS + 1 - room) / (ROOMS * (ROOMS + 1) / 2);

function written(number: number, isLong = false): Written {
  const words = ["with some words of a sentence", "и несколько слов", "and a 🙂", 'and "quotes" or a \\'];
  const text = `message ${number} ${`${words[number % 4]} `.repeat(1 + number % 12)}`.trim();
  return {
    number,
    person: number % PEOPLE,
    at: START_MS + number * 1000,
    text: isLong ? `${text} ${LONG}` : text,
    reply: number % 10 === 0 ? number - 5 : undefined,
  };
}

function* channelOfDiscord({ id, megabytes }: { id: string; megabytes: number }, tally: Tally): Generator<string> {
  yield `{"guild": {"id": "1", "name": "Large"}, "channel": {"id": "${id}", "type": "GuildTextChat", "name": "large ${id}"}, "messages": [`;
  let length = 0;
  const snowflake = (number: number) => `${id}${100_000_000 + number}`;
  for (let number = 1; length < megabytes * 1e6; number++) {
    const message = written(number);
    const { person, at, text, reply } = message;
    tally.add(`large ${id}`, `${1000 + person}`, message);
    const part = JSON.stringify(
      {
        id: snowflake(number),
        type: reply === undefined ? "Default" : "Reply",
        timestamp: new Date(at).toISOString(),
        timestampEdited: null,
        callEndedTimestamp: null,
        isPinned: false,
        content: text,
        author: {
          id: `${1000 + person}`,
          name: `person${person}`,
          discriminator: "0000",
          nickname: `Person ${person}`,
          color: null,
          isBot: false,
          roles: [{ id: "7", name: "Member", color: "#2ECC71", position: 1 }],
          avatarUrl: `https://cdn.example.com/avatars/${person}.png`,
        },
        attachments: [],
        embeds: [],
        stickers: [],
        reactions: [],
        mentions: [],
        inlineEmojis: [],
        ...(reply !== undefined && { reference: { messageId: snowflake(reply), channelId: id, guildId: "1" } }),
      },
      null,
      2,
    );
    length += part.length;
    yield `${number > 1 ? "," : ""}\n${part}`;
  }
  yield "\n]}";
}

/** A whole account; in its second chat all messages are long. */
function* telegram(megabytes: number, tally: Tally): Generator<string> {
  yield '{"about": "Here is the data you requested.", "chats": {"about": "This page lists all chats.", "list": [';
  for (let room = 1; room <= ROOMS; room++) {
    const name = `Large ${room}`;
    yield `${room > 1 ? "," : ""}\n{"name": "${name}", "type": "private_supergroup", "id": ${room}, "messages": [`;
    let length = 0;
    for (let number = 1; length < megabytes * 1e6 * shareOf(room); number++) {
      const message = written(number, room === 2);
      const { person, at, text, reply } = message;
      tally.add(name, `user${1000 + person}`, message);
      const part = JSON.stringify(
        {
          id: number,
          type: "message",
          date: new Date(at).toISOString().slice(0, 19),
          date_unixtime: String(at / 1000),
          from: `Person ${person}`,
          from_id: `user${1000 + person}`,
          ...(reply !== undefined && { reply_to_message_id: reply }),
          text: number % 3 === 0 ? [{ type: "bold", text: text.slice(0, 7) }, text.slice(7)] : text,
          text_entities: [{ type: "plain", text }],
        },
        null,
        1,
      );
      length += Buffer.byteLength(part);
      yield `${number > 1 ? "," : ""}\n${part}`;
    }
    yield "\n]}";
  }
  yield "\n]}}";
}

/** Users, channels and members, and then the messages of all channels in the order of their times. */
function* stream(megabytes: number, tally: Tally): Generator<string> {
  const user = (person: number) => ({
    id: `person${person}`,
    role: "user",
    name: `Person ${person}`,
    image: `https://cdn.example.com/avatars/${person}.png`,
    created_at: "2017-01-01T00:00:00.123456Z",
    updated_at: "2017-01-02T00:00:00.123456Z",
    last_active: "2017-07-14T02:40:00.123456Z",
    banned: false,
    online: false,
    invisible: false,
    shadow_banned: false,
    language: "en",
    teams: [],
    blocked_user_ids: [],
    total_unread_count: 0,
    unread_channels: 0,
    unread_threads: 0,
  });
  const lineOf = (type: string, data: unknown) => `${JSON.stringify({ type, data })}\n`;
  for (let person = 0; person < PEOPLE; person++) yield lineOf("user", user(person));
  for (let room = 1; room <= ROOMS; room++) {
    const channel = { channel_type: "team", channel_id: `large-${room}` };
    yield lineOf("channel", {
      id: channel.channel_id,
      type: "team",
      name: `Large ${room}`,
      created_by: "person0",
      created_at: "2017-01-03T00:00:00Z",
    });
    for (let person = 0; person < PEOPLE; person++) {
      yield lineOf("member", { ...channel, user_id: `person${person}`, created_at: "2017-01-03T00:00:00Z" });
    }
  }
  let length = 0;
  for (let number = 1; length < megabytes * 1e6; number++) {
    const message = written(number);
    // An answer is in the first room, as is what it answers: every tenth message.
    message.reply = number % 10 === 0 && number > 10 ? number - 10 : undefined;
    let room = 1;
    for (let rest = number % 10 === 0 ? 0 : number * 7 % 36; rest >= ROOMS + 1 - room; room++) rest -= ROOMS + 1 - room;
    const { person, at, text, reply } = message;
    tally.add(`Large ${room}`, `person${person}`, message);
    const time = new Date(at).toISOString().replace("Z", "000Z");
    const part = lineOf("message", {
      id: `${String(number).padStart(8, "0")}-0000-4000-8000-000000000000`,
      type: "regular",
      channel_type: "team",
      channel_id: `large-${room}`,
      cid: `team:large-${room}`,
      user: user(person),
      text,
      html: `<p>${text}</p>\n`,
      attachments: [],
      mentioned_users: [],
      reaction_counts: {},
      reaction_scores: {},
      latest_reactions: [],
      own_reactions: [],
      reply_count: 0,
      deleted_reply_count: 0,
      created_at: time,
      updated_at: time,
      shadowed: false,
      silent: false,
      pinned: false,
      pinned_at: null,
      pin_expires: null,
      ...(reply !== undefined && {
        quoted_message_id: `${String(reply).padStart(8, "0")}-0000-4000-8000-000000000000`,
      }),
    });
    length += Buffer.byteLength(part);
    yield part;
  }
}
