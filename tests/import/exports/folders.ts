import { createWriteStream } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";

/** Writes files under their names; folders are made. */
export async function writeFolder(folder: string, content: Record<string, string | Uint8Array>): Promise<string> {
  for (const [path, text] of Object.entries(content)) {
    const file = join(folder, path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text);
  }
  return folder;
}

/** Makes a zip of a folder, beside it. */
export async function zipOf(folder: string): Promise<string> {
  const zip = new ZipFile();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) zip.addFile(path, path.slice(folder.length + 1));
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(`${folder}.zip`));
  return `${folder}.zip`;
}
