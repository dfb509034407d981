import { close, createReadStream, openSync, read } from "node:fs";
import type { Readable } from "node:stream";
import { fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from "yauzl";

/**
 * Opens a zip of which several entries can be read at once, and none to its end: where yauzl reads a file by itself, it fails
 * when a stream ends early that waits for another one.
 */
export const openZip = (path: string, size: number): Promise<ZipFile> =>
  fromRandomAccessReaderPromise(new FileReader(path), size, { lazyEntries: true, autoClose: false });

class FileReader extends RandomAccessReader {
  readonly #file: number;

  constructor(private readonly path: string) {
    super();
    this.#file = openSync(path, "r");
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return createReadStream(this.path, { start, end: end - 1 });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    read(this.#file, buffer, offset, length, position, (error, count) => {
      callback(error ?? (count < length ? new Error("unexpected end of the file") : null));
    });
  }

  override close(callback: (error: Error | null) => void): void {
    close(this.#file, callback);
  }
}
