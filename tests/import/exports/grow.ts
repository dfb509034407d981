import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Writes a channel of Discord of that size, as DiscordChatExporter does. */
export function growChannel(file: string, { id, megabytes }: { id: string; megabytes: number }): Promise<void> {
  return pipeline(Readable.from(parts(id, megabytes)), createWriteStream(file));
}

function* parts(id: string, megabytes: number): Generator<string> {
  yield `{"guild": {"id": "1", "name": "Large"}, "channel": {"id": "${id}", "type": "GuildTextChat", "name": "large ${id}"}, "messages": [`;
  let length = 0;
  for (let number = 1; length < megabytes * 1e6; number++) {
    const person = number % 100;
    const author = {
      id: `${1000 + person}`,
      name: `person${person}`,
      nickname: `Person ${person}`,
      isBot: false,
      roles: [],
    };
    const message = JSON.stringify({
      id: `${100_000_000 + number}`,
      type: number % 10 === 0 ? "Reply" : "Default",
      timestamp: new Date(1_600_000_000_000 + number * 1000).toISOString(),
      timestampEdited: null,
      callEndedTimestamp: null,
      isPinned: false,
      content: `message ${number} ${"with some words of a sentence ".repeat(number % 7)}`,
      author: {
        ...author,
        discriminator: "0000",
        color: null,
        avatarUrl: `https://cdn.example.com/avatars/${person}.png`,
      },
      attachments: [],
      embeds: [],
      stickers: [],
      reactions: [],
      mentions: [],
      ...(number % 10 === 0 &&
        { reference: { messageId: `${100_000_000 + number - 5}`, channelId: id, guildId: "1" } }),
    });
    const part = `${number > 1 ? "," : ""}\n${message}`;
    length += part.length;
    yield part;
  }
  yield "\n]}";
}
