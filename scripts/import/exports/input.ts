import { createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import type { Readable } from "node:stream";
import type { Entry } from "yauzl";
import { Refusal } from "../refusal.ts";
import { openZip } from "./zip.ts";

/** A file that an export names. */
export interface ExportFile {
  size: number;
  open(): Promise<Readable>;
}

/** An export, as a file, a folder or a zip of files. */
export interface Input {
  /** Its name without the folder, and without `.zip`. */
  title: string;
  /** The files, with `/` between folders. Of a single file, its name. */
  names: string[];
  /** The files of the folder of `--media`. */
  mediaNames: string[];
  open(name: string): Promise<Readable>;
  size(name: string): number;
  /** A file that a message names; undefined when it is neither in the export nor in the folder of `--media`. */
  find(path: string): Promise<ExportFile | undefined>;
  close(): void;
}

/** What is read, beside the files that messages name. */
const IS_READ = /\.(json|jsonl|ndjson|txt)$/i;

/**
 * Opens an export.
 * @param onPart receives which part of all bytes was read.
 * @param media a folder that has files of messages.
 * @throws Refusal when there is none.
 */
export async function openInput(path: string, onPart: (part: number) => void, media?: string): Promise<Input> {
  const kind = await stat(path).catch(() => undefined);
  if (!kind) throw new Refusal(`There is no file ${path}.`);
  const mediaFiles = media === undefined ? undefined : await mediaOf(media);
  const title = basename(path).replace(/\.zip$/i, "");
  const files: Files = kind.isDirectory()
    ? await filesOf(path)
    : /\.zip$/i.test(path)
    ? await entriesOf(path, kind.size)
    : new Map([[basename(path), { size: kind.size, open: () => Promise.resolve(createReadStream(path)) }]]);
  const total = [...files].reduce((sum, [name, { size }]) => sum + (IS_READ.test(name) ? size : 0), 0) || 1;
  let read = 0;
  return {
    title,
    names: [...files.keys()],
    mediaNames: [...mediaFiles?.keys() ?? []],
    size: (name) => files.get(name)?.size ?? 0,
    open: async (name) => {
      const stream = await files.get(name)!.open();
      stream.on("data", (chunk: Uint8Array) => onPart((read += chunk.length) / total));
      return stream.pause();
    },
    find: async (name) =>
      files.get(name) ??
        // The folder of a single file may be anything, such as that of all downloads.
        (kind.isFile() && name.startsWith(`${basename(path)}_Files/`)
          ? await fileBelow(dirname(path), name)
          : undefined) ??
        mediaFiles?.get(name) ?? mediaFiles?.get(name.slice(name.indexOf("/") + 1)),
    close: () => files.close?.(),
  };
}

/** The path of a file that another one names, from where all names begin. */
export const besideOf = (name: string, path: string): string =>
  isOutside(path) ? path : name.slice(0, name.lastIndexOf("/") + 1) + path.replace(/^(\.\/)+/, "");

/** Whether a path leads, or may lead, out of the folder that it is in. */
export const isOutside = (path: string): boolean =>
  /^([/\\]|[a-z]:)|\0/i.test(path) || path.split(/[/\\]/).includes("..");

type Files = Map<string, ExportFile> & { close?: () => void };

async function mediaOf(folder: string): Promise<Files> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) {
    throw new Refusal(`${folder} is not a folder that can be read.`);
  }
  return await filesOf(folder);
}

/** A file in a folder; undefined when a link leads out of it. */
async function fileBelow(folder: string, name: string): Promise<ExportFile | undefined> {
  const root = await realpath(folder);
  const path = await realpath(join(root, name)).catch(() => undefined);
  if (!path?.startsWith(join(root, sep))) return undefined;
  const found = await stat(path);
  return found.isFile() ? { size: found.size, open: () => Promise.resolve(createReadStream(path)) } : undefined;
}

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

async function entriesOf(path: string, size: number): Promise<Files> {
  const files: Files = new Map();
  try {
    const zip = await openZip(path, size);
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
