import { readDiscord } from "./formats/discord.ts";
import { readMattermost } from "./formats/mattermost.ts";
import { readParley } from "./formats/parley.ts";
import { readSlack } from "./formats/slack.ts";
import { readStream } from "./formats/stream.ts";
import { readTelegram } from "./formats/telegram.ts";
import { readWhatsapp } from "./formats/whatsapp.ts";
import type { Input } from "./input.ts";
import type { ExportRecord } from "./records.ts";

/** What a reader cannot know by itself. */
export interface FormatOptions {
  /** The order of day, month and year. */
  dates?: string;
  /** The time zone of the person who exported. */
  zone?: string;
  /** What the room is called. */
  room?: string;
}

/** The reader of each format. */
export const FORMATS: Record<string, (input: Input, options: FormatOptions) => AsyncGenerator<ExportRecord>> = {
  slack: readSlack,
  discord: readDiscord,
  telegram: readTelegram,
  mattermost: readMattermost,
  whatsapp: readWhatsapp,
  stream: readStream,
  parley: readParley,
};
