import { loadedParser, useParser } from "./load.ts";
import type { Dialect } from "./tree.ts";

/** Marks without which a message is plain text. */
const MARKS = /[*_~`[|]|^ {0,3}(?:>|[-+] |\d{1,9}[.)] )|www\.|[:@]/im;

/** Whether a message certainly has no Markdown and no addresses in it. */
export const isPlain = (text: string): boolean => !MARKS.test(text);

/** Longer texts are cut before they are parsed. */
const MAX_LENGTH = 1_000;

/** Returns a text without its Markdown, as for screen readers and notifications. */
export function plainText(text: string, dialect: Dialect = "message"): string {
  const parser = loadedParser();
  return parser && !isPlain(text) ? parser.plain(parser.parse(text, dialect)) : text;
}

/** The same for what is drawn: drawn again when the parser has been loaded. */
export function usePlainText(): typeof plainText {
  useParser();
  return plainText;
}

/** Returns the beginning of a message without its Markdown, for one line of a list. */
export function usePlainLine(): (text: string) => string {
  const plain = usePlainText();
  return (text) => plain(text.slice(0, MAX_LENGTH));
}
