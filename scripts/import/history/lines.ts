import { createReadStream } from "node:fs";

/** One physical line, without its line feed. */
export interface Line {
  number: number;
  text: string;
  /** Why this line is invalid in any record. */
  problem: string | undefined;
}

const LINE_FEED = 10;
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads the lines of a file; `onBytes` is called with the number of bytes read. */
export async function* readLines(path: string, onBytes: (count: number) => void): AsyncGenerator<Line> {
  let number = 0;
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Uint8Array>) {
    onBytes(chunk.length);
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield decode(bytes.subarray(start, end), ++number);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield decode(rest, ++number);
}

function decode(bytes: Uint8Array, number: number): Line {
  const skip = number === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const content = bytes.subarray(skip);
  if (content.includes(0)) return { number, text: lenient.decode(content), problem: "a NUL character" };
  try {
    return { number, text: strict.decode(content), problem: undefined };
  } catch {
    return { number, text: lenient.decode(content), problem: "invalid UTF-8" };
  }
}
