import { TextLineStream } from "./lines.ts";

/** A log of this size is renamed to `<name>.1`, which replaces the previous one. */
const MAX_FILE_BYTES = 5_000_000;
/** Limit of one entry: Postgres logs whole statements with the values that a client sent. */
const MAX_ENTRY_LENGTH = 1_000;
/** Limit per minute: failing requests must not fill the disk. */
const MAX_LENGTH_PER_MINUTE = 200_000;
const MINUTE_MS = 60_000;
const utf8 = new TextEncoder();

/** A log file of limited size whose errors are ignored. */
export class LogFile implements Disposable {
  #file: Deno.FsFile | undefined;
  #size = 0;
  /** Characters left for the current entry, and for this minute. */
  #entryLeft = 0;
  #minuteLeft = MAX_LENGTH_PER_MINUTE;
  #minuteEnds = 0;
  #leftOut = 0;

  constructor(readonly path: string, readonly limit = MAX_FILE_BYTES) {}

  /** Writes a line; one that begins with a tab continues the previous entry. On a full disk the line is lost. */
  write(line: string): void {
    if (!line.startsWith("\t")) this.#entryLeft = MAX_ENTRY_LENGTH;
    if (this.#entryLeft <= 0) return;
    const text = line.length > this.#entryLeft ? `${line.slice(0, this.#entryLeft)} …` : line;
    this.#entryLeft -= line.length + 1;
    if (this.#hasBudget(text)) this.#append(text);
    else this.#leftOut++;
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #hasBudget(text: string): boolean {
    const now = Date.now();
    if (now > this.#minuteEnds) {
      this.#minuteEnds = now + MINUTE_MS;
      this.#minuteLeft = MAX_LENGTH_PER_MINUTE;
      if (this.#leftOut > 0) this.#append(`… and ${this.#leftOut} more lines in that minute.`);
      this.#leftOut = 0;
    }
    this.#minuteLeft -= text.length;
    return this.#minuteLeft > 0;
  }

  #append(text: string): void {
    try {
      if (this.#size > this.limit) this.#rotate();
      this.#file ??= this.#open();
      const bytes = utf8.encode(`${text}\n`);
      this.#file.writeSync(bytes);
      this.#size += bytes.length;
    } catch {
      // A full disk, or no file descriptors: the next line tries again.
      this.#close();
    }
  }

  #open(): Deno.FsFile {
    const file = Deno.openSync(this.path, { create: true, append: true, mode: 0o600 });
    this.#size = file.statSync().size;
    return file;
  }

  #rotate(): void {
    this.#close();
    Deno.renameSync(this.path, `${this.path}.1`);
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
    this.#size = 0;
  }
}

/** Reads a program's output to its end, even when the log fails, so that the program never blocks on a full pipe. */
export async function readLines(
  stream: ReadableStream<Uint8Array>,
  path: string,
  onLine: (line: string) => void = () => {},
): Promise<void> {
  using log = new LogFile(path);
  const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream(10 * MAX_ENTRY_LENGTH));
  for await (const line of lines) {
    log.write(line);
    onLine(line);
  }
}
