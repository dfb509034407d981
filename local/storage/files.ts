import { createHash } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { diskFull, noSuchFile, tooLarge } from "./errors.ts";

/** A file that was stored. */
export interface StoredFile {
  size: number;
  /** The MD5 of its content, in hexadecimal. */
  digest: string;
}

/** The part of a file to read. */
export interface ByteRange {
  start: number;
  size: number;
}

const CHUNK_BYTES = 64 * 1024;

/**
 * The contents of objects, each in a file of its own that is named by the object's version and never changes. A row is
 * written after its file, and deleted before it, so that a crash leaves files without a row, never the other way round.
 */
export class Files {
  readonly #incoming: string;
  readonly #stored: string;

  constructor(readonly folder: string) {
    this.#incoming = join(folder, "incoming");
    this.#stored = join(folder, "objects");
  }

  /** Makes the folders, and removes what uploads have left that were interrupted. */
  async prepare(): Promise<void> {
    await rm(this.#incoming, { recursive: true, force: true });
    for (const path of [this.#incoming, this.#stored]) await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  }

  /**
   * Stores what a stream brings: on the disk when this resolves, nowhere when it rejects.
   * @throws StorageError when it is larger than the limit, or the disk is full.
   */
  async write(version: string, content: AsyncIterable<Uint8Array>, limit: number): Promise<StoredFile> {
    const path = join(this.#incoming, version);
    try {
      const stored = await this.#receive(path, content, limit);
      await this.#publish(version, (target) => rename(path, target));
      return stored;
    } catch (error) {
      await rm(path, { force: true });
      throw isDiskFull(error) ? diskFull() : error;
    }
  }

  /**
   * Stores the content of another version once more.
   * @throws StorageError when that has no file.
   */
  async copy(from: string, version: string): Promise<void> {
    try {
      await this.#publish(version, (target) => link(this.#path(from), target));
    } catch (error) {
      throw isMissing(error) ? noSuchFile() : isDiskFull(error) ? diskFull() : error;
    }
  }

  /**
   * Opens a file.
   * @throws StorageError when there is none.
   */
  async open(version: string): Promise<Deno.FsFile> {
    try {
      return await Deno.open(this.#path(version));
    } catch (error) {
      throw isMissing(error) ? noSuchFile() : error;
    }
  }

  async remove(versions: string[]): Promise<void> {
    for (const version of versions) await rm(this.#path(version), { force: true });
  }

  /** The versions that have files. */
  async *versions(): AsyncGenerator<string> {
    for await (const { name } of Deno.readDir(this.#stored)) {
      for await (const { name: version } of Deno.readDir(join(this.#stored, name))) yield version;
    }
  }

  async #receive(path: string, content: AsyncIterable<Uint8Array>, limit: number): Promise<StoredFile> {
    const hash = createHash("md5");
    let size = 0;
    const file = await open(path, "wx", 0o600);
    try {
      for await (const chunk of content) {
        size += chunk.byteLength;
        if (size > limit) throw tooLarge();
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return { size, digest: hash.digest("hex") };
  }

  /** Puts a file into its place, for good: the names in a folder are on the disk when the folder is synced. */
  async #publish(version: string, put: (target: string) => Promise<void>): Promise<void> {
    const target = this.#path(version);
    const folder = join(target, "..");
    const made = await Deno.mkdir(folder, { mode: 0o700 }).then(() => true, ignoreExisting);
    await put(target);
    await sync(folder);
    if (made) await sync(this.#stored);
  }

  #path(version: string): string {
    return join(this.#stored, version.slice(0, 2), version);
  }
}

/** The bytes of a range, read as they are asked for; the file is closed at the end. */
export function streamOf(file: Deno.FsFile, { start, size }: ByteRange): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = size;
  return new ReadableStream({
    start: async () => void (start > 0 && await file.seek(start, Deno.SeekMode.Start)),
    async pull(controller) {
      try {
        const chunk = new Uint8Array(Math.min(left, CHUNK_BYTES));
        const read = left > 0 ? await file.read(chunk) : null;
        if (read === null) {
          file.close();
          return controller.close();
        }
        left -= read;
        controller.enqueue(chunk.subarray(0, read));
      } catch (error) {
        file.close();
        controller.error(error);
      }
    },
    cancel: () => file.close(),
  });
}

async function sync(folder: string): Promise<void> {
  // Windows syncs no folders.
  if (Deno.build.os === "windows") return;
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}

function ignoreExisting(error: unknown): false {
  if (error instanceof Deno.errors.AlreadyExists) return false;
  throw error;
}

const codeOf = (error: unknown) => (error as { code?: string }).code;
const isMissing = (error: unknown) => error instanceof Deno.errors.NotFound || codeOf(error) === "ENOENT";
const isDiskFull = (error: unknown) => ["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "");
