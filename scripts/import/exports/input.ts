import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { Refusal } from "../refusal.ts";

/** An export, as a file, a folder or a zip of files. */
export interface Input {
  /** Its name without the folder, and without `.zip`. */
  title: string;
  /** The files, with `/` between folders. Of a single file, its name. */
  names: string[];
  open(name: string): Promise<Readable>;
  size(name: string): number;
  close(): void;
}

/**
 * Opens an export.
 * @param onPart receives which part of all bytes was read.
 * @throws Refusal when there is none.
 */
export async function openInput(path: string, onPart: (part: number) => void): Promise<Input> {
  const kind = await stat(path).catch(() => undefined);
  if (!kind) throw new Refusal(`There is no file ${path}.`);
  const title = basename(path).replace(/\.zip$/i, "");
  const files: Files = kind.isDirectory()
    ? await filesOf(path)
    : /\.zip$/i.test(path)
    ? await entriesOf(path)
    : new Map([[basename(path), { size: kind.size, open: () => Promise.resolve(createReadStream(path)) }]]);
  const total = [...files.values()].reduce((sum, { size }) => sum + size, 0) || 1;
  let read = 0;
  return {
    title,
    names: [...files.keys()],
    size: (name) => files.get(name)?.size ?? 0,
    open: async (name) => {
      const stream = await files.get(name)!.open();
      stream.on("data", (chunk: Uint8Array) => onPart((read += chunk.length) / total));
      return stream.pause();
    },
    close: () => files.close?.(),
  };
}

type Files = Map<string, { size: number; open: () => Promise<Readable> }> & { close?: () => void };

async function filesOf(folder: string): Promise<Files> {
  const files: Files = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(join(folder, "/").length).replaceAll("\\", "/");
    files.set(name, { size: (await stat(path)).size, open: () => Promise.resolve(createReadStream(path)) });
  }
  return files;
}

async function entriesOf(path: string): Promise<Files> {
  const files: Files = new Map();
  try {
    const zip: ZipFile = await openPromise(path, { lazyEntries: true, autoClose: false });
    for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
      if (entry.fileName.endsWith("/") || /(^|\/)(__MACOSX\/|\._)/.test(entry.fileName)) continue;
      files.set(entry.fileName, { size: entry.uncompressedSize, open: () => zip.openReadStreamPromise(entry) });
    }
    files.close = () => zip.close();
  } catch (error) {
    throw new Refusal(`${path} is not a zip file: ${(error as Error).message}`);
  }
  return files;
}

/** The whole of a file that is small. */
export async function textOf(input: Input, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await input.open(name)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8").replace(/^\uFEFF/, "");
}
