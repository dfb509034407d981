import { join } from "node:path";
import { CliError } from "./terminal.ts";

/** The folder of one stack, locked by this process. */
export interface DataFolder {
  path: string;
  lock: Deno.FsFile;
}

/** The file that this process locks, and by which a data folder is known. */
export const LOCK_NAME = "stack.lock";
/** The folder with the files of Storage. */
export const STORAGE_NAME = "storage";
const FILES = [
  "postgres",
  "postgres.log",
  "postgres.log.1",
  "replica",
  "replica.log",
  "replica.log.1",
  "lite.log",
  "lite.log.1",
  "functions.log",
  "functions.log.1",
  "auth.log",
  "auth.log.1",
  "keys.json",
  "setup.json",
  "status.json",
  "status.json.new",
  STORAGE_NAME,
];

/**
 * Creates or opens the data folder and locks it; the system releases the lock however this process ends.
 * @throws CliError when another stack uses it, or when it holds files of something else.
 */
export async function openDataFolder(path: string): Promise<DataFolder> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o755 });
    await refuseForeignFiles(path);
    const lock = await Deno.open(join(path, LOCK_NAME), { create: true, read: true, write: true });
    if (!await lock.tryLock(true)) throw new CliError(await alreadyRunning(path));
    await lock.truncate();
    await lock.write(new TextEncoder().encode(`${Deno.pid}\n`));
    return { path, lock };
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`The data folder ${path} cannot be used: ${(error as Error).message}.`);
  }
}

/** Deletes the files of a stack in the folder, and nothing else. */
export async function emptyDataFolder({ path }: DataFolder): Promise<void> {
  for (const name of FILES) await removeIfThere(join(path, name));
}

/** Deletes a file or a folder if it exists. */
export async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

async function refuseForeignFiles(path: string): Promise<void> {
  const names = [];
  for await (const entry of Deno.readDir(path)) names.push(entry.name);
  if (names.length === 0 || names.includes(LOCK_NAME)) return;
  throw new CliError(`The folder ${path} holds files that are not Parley's; choose an empty or new one with --data.`);
}

async function alreadyRunning(path: string): Promise<string> {
  const pid = (await Deno.readTextFile(join(path, LOCK_NAME))).trim();
  const who = pid ? ` (process ${pid})` : "";
  return `Parley is already running on the data in ${path}${who}; stop it first or choose another folder with --data.`;
}
