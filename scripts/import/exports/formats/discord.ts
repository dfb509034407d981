import { z } from "zod";
import { Refusal } from "../../refusal.ts";
import { besideOf, type Input } from "../input.ts";
import { valuesOf } from "../json.ts";
import { type ExportRecord, type Message, unreadMessage } from "../records.ts";

const text = z.string().nullish();
const channel = z.object({ id: z.string(), type: text, category: text, name: text, topic: text });
const author = z.object({ id: z.string(), name: text, nickname: text, avatarUrl: text });
const line = z.object({
  id: z.string(),
  type: text,
  timestamp: z.string(),
  timestampEdited: text,
  isPinned: z.boolean().nullish(),
  content: z.string().nullish(),
  author,
  attachments: z.array(z.object({ fileName: text, url: text })).nullish(),
  embeds: z.array(z.object({ title: text, url: text, description: text })).nullish().catch(null),
  stickers: z.array(z.object({ name: text })).nullish().catch(null),
  reactions: z.array(z.object({
    emoji: z.object({ id: text, name: text }),
    count: z.number().nullish(),
    users: z.array(z.object({ id: z.string() })).nullish(),
  })).nullish().catch(null),
  mentions: z.array(author).nullish().catch(null),
  reference: z.object({ messageId: text, channelId: text }).nullish().catch(null),
  forwardedMessage: z.object({ content: text }).nullish().catch(null),
});

/** What people write; the numbers are commands, which have no name there. Everything else has happened. */
const SAID = new Set(["Default", "Reply", "20", "21", "23", "ThreadStarterMessage"]);

/** Reads what DiscordChatExporter writes as JSON: the file of a channel, or a folder of them. */
export async function* readDiscord(input: Input): AsyncGenerator<ExportRecord> {
  const names = input.names.filter((name) => /\.json$/i.test(name) && !/_Files\//.test(name)).sort();
  if (names.length === 0) {
    throw new Refusal("An export of DiscordChatExporter is one or more files with the ending .json.");
  }
  const people = new Set<string>();
  for (const name of names) yield* channelOf(input, name, people);
}

async function* channelOf(input: Input, name: string, people: Set<string>): AsyncGenerator<ExportRecord> {
  let room: z.infer<typeof channel> | undefined;
  const isOpen = (path: (string | number)[]) => path.length === 0 || path.length === 1 && path[0] === "messages";
  for await (const { path: [key, index], value } of valuesOf(await input.open(name), name, isOpen)) {
    if (key === "channel") {
      room = channel.safeParse(value).data;
      if (room) yield roomOf(room);
    }
    if (key !== "messages" || index === undefined) continue;
    if (!room) {
      throw new Refusal(`${name} has messages before a channel: it is not what DiscordChatExporter writes as JSON.`);
    }
    const parsed = line.safeParse(value);
    if (!parsed.success) {
      yield unreadMessage(`${name}[${index}]`, parsed.error);
      continue;
    }
    for (const person of [parsed.data.author, ...isDirect(room) ? parsed.data.mentions ?? [] : []]) {
      if (people.has(person.id)) continue;
      people.add(person.id);
      const { id, name, nickname, avatarUrl } = person;
      yield { type: "person", id, username: name, name: nickname || name, avatar_url: avatarUrl };
    }
    yield messageOf(room.id, parsed.data, name);
    if (parsed.data.isPinned) yield { type: "pin", room: room.id, message: parsed.data.id };
  }
  if (!room) throw new Refusal(`${name} is not what DiscordChatExporter writes as JSON: it has no channel.`);
}

const isDirect = ({ type }: z.infer<typeof channel>) => type === "DirectTextChat";

function roomOf(room: z.infer<typeof channel>): ExportRecord {
  const { id, name, topic } = room;
  // The export does not say who may read a channel: it is private.
  return {
    type: "room",
    id,
    kind: isDirect(room) ? "direct" : "group",
    name,
    description: topic,
    authors_are_members: true,
  };
}

function messageOf(room: string, said: z.infer<typeof line>, file: string): Message {
  const { id, type, content, embeds, stickers, reference, forwardedMessage } = said;
  const parts = [
    content ?? "",
    ...forwardedMessage?.content ? [`[forwarded] ${forwardedMessage.content}`] : [],
    // A message of a person repeats in embeds what its links lead to.
    ...content
      ? []
      : (embeds ?? []).map(({ title, url, description }) => [title, description, url].filter(Boolean).join("\n")),
    ...(stickers ?? []).map(({ name }) => `[sticker: ${name}]`),
  ];
  return {
    type: "message",
    room,
    id,
    sender: said.author.id,
    sent_at: said.timestamp,
    text: readable(parts.filter(Boolean).join("\n"), said.mentions ?? []),
    reply_to: reference?.messageId && (reference.channelId ?? room) === room ? reference.messageId : null,
    edited_at: said.timestampEdited,
    reactions: said.reactions?.map(({ emoji, count, users }) => ({
      emoji: emoji.id ? `:${emoji.name}:` : emoji.name ?? "?",
      people: users?.map((user) => user.id),
      count,
    })),
    files: said.attachments?.map(({ fileName, url }) => ({
      name: fileName || "file",
      ...(/^https?:/.test(url ?? "") ? { url } : { url: null, path: url && besideOf(file, url.replaceAll("\\", "/")) }),
    })),
    system: type && !SAID.has(type) ? type : null,
  };
}

/** Exports without Markdown name people and pictures by their ids. */
function readable(text: string, mentions: z.infer<typeof author>[]): string {
  return text
    .replace(/<@!?(\d+)>/g, (whole, id) => {
      const person = mentions.find((mention) => mention.id === id);
      return person ? `@${person.nickname || person.name}` : whole;
    })
    .replace(/<a?(:\w+:)\d+>/g, "$1");
}
