import type { Input } from "./input.ts";
import { readParley } from "./formats/parley.ts";
import { readSlack } from "./formats/slack.ts";
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
  parley: readParley,
};
