import { parse } from "csv-parse/sync";
import type { Line } from "./lines.ts";
import { type Malformed, type Message, readMessage } from "./message.ts";

// The beginning of a record. Only used after a malformed one, to find the next.
const RECORD_START = /^"?[^\t"]+"?\t"?[^\t"]+"?\t"?\d{4}-\d\d-\d\dT/;

/** Joins lines into records, since a quoted field may contain line breaks, and reads each record. */
export async function* readRecords(lines: AsyncIterable<Line>): AsyncGenerator<Message | Malformed> {
  let pending: Line[] = [];
  let quotes = 0;
  for await (const line of lines) {
    pending.push(line);
    quotes += countQuotes(line);
    if (quotes % 2 === 1) continue;
    pending = yield* takeRecords(pending, false);
    quotes = pending.reduce((sum, rest) => sum + countQuotes(rest), 0);
  }
  yield* takeRecords(pending, true);
}

/** Reads the records in the lines; returns the lines of the last one when its quotes are still open. */
function* takeRecords(lines: Line[], hasEnded: boolean): Generator<Message | Malformed, Line[]> {
  let start = 0;
  while (start < lines.length) {
    const closed = endOfRecord(lines, start);
    if (closed === undefined && !hasEnded) return lines.slice(start);
    const part = lines.slice(start, closed);
    const record = readRecord(part);
    // An open quote has consumed the records up to the next quote: read them again.
    const next = record && "reason" in record
      ? part.findIndex(({ text }, at) => at > 0 && RECORD_START.test(text))
      : -1;
    const found = next < 0 ? record : readRecord(part.slice(0, next));
    if (found) yield found;
    start += next < 0 ? part.length : next;
  }
  return [];
}

/** The end of the record that begins at `start`; undefined when its quotes are not closed. */
function endOfRecord(lines: Line[], start: number): number | undefined {
  let quotes = 0;
  for (let at = start; at < lines.length; at++) {
    quotes += countQuotes(lines[at]!);
    if (quotes % 2 === 0) return at + 1;
  }
}

function countQuotes({ text }: Line): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count++;
  return count;
}

function readRecord(lines: Line[]): Message | Malformed | undefined {
  const text = lines.map((part) => part.text).join("\n").replace(/\r$/, "");
  if (text === "") return;
  const line = lines[0]?.number ?? 0;
  const bad = lines.find(({ problem }) => problem);
  if (bad?.problem) return { line: bad.number, reason: bad.problem };
  try {
    // Most records have no quotes and need no parser.
    if (!text.includes('"')) return readMessage(line, text.split("\t"));
    const [columns = []] = parse(text, { delimiter: "\t", recordDelimiter: "\0", relaxColumnCount: true });
    return readMessage(line, columns);
  } catch (error) {
    return { line, reason: quoting(error) };
  }
}

function quoting(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === "CSV_QUOTE_NOT_CLOSED") return "a quote that is not closed";
  if (code === "INVALID_OPENING_QUOTE") return "a quote inside a field that is not quoted";
  if (code === "CSV_INVALID_CLOSING_QUOTE") return "text after a closing quote";
  return (error as Error).message;
}
