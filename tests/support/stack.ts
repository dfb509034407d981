import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { type Stack, type StackOptions, startStack as start, temporaryFolder } from "../../local/stack_process.ts";

export { readStatus, type Stack, type Status } from "../../local/stack_process.ts";

/** Auth counts all requests of an address, and all tests have the same one. To hash a password takes long. */
const FOR_TESTS = {
  PARLEY_PASSWORD_COST: "4",
  GOTRUE_RATE_LIMIT_TOKEN_REFRESH: "1000000",
  GOTRUE_RATE_LIMIT_OTP: "1000000",
  GOTRUE_RATE_LIMIT_VERIFY: "1000000",
  GOTRUE_RATE_LIMIT_EMAIL_SENT: "1000000",
};

/** Options that change nothing of a database that was just set up. */
const KEEP_DATABASE = /^--(replica$|workers|serve|demo$|env)/;

interface TestStackOptions extends StackOptions {
  /** Whether a new database is a copy; by default where no option concerns it, and the project is this one. */
  isCopied?: boolean;
}

/**
 * Starts a stack; with Supabase Auth when `npm run test:auth` names its program. A new database is a copy of the one that
 * `scripts/vitest.ts` has set up where it can be, which saves some seconds of the processor.
 */
export async function startStack({ env, isCopied, ...options }: TestStackOptions = {}): Promise<Stack> {
  const all = { auth: process.env.PARLEY_AUTH, env: { ...FOR_TESTS, ...env }, ...options };
  const { PARLEY_TEMPLATE: template } = process.env;
  const isLike = isCopied ?? (!options.project && (options.args ?? []).every((arg) => KEEP_DATABASE.test(arg)));
  if (!template || !isLike) return await start(all);
  if (options.data) {
    if (existsSync(options.data) || !isOpen(dirname(options.data))) return await start(all);
    await copyFolder(template, options.data);
    return await start(all);
  }
  const folder = await temporaryFolder();
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const data = join(folder, "data");
    await copyFolder(template, data);
    const stack = await start({ ...all, data });
    const stop = async () => {
      await stack.stop();
      await remove();
    };
    return { ...stack, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Whether other users can enter a folder, as that of Postgres has to. */
const isOpen = (folder: string) => (statSync(folder).mode & 0o005) === 0o005;

/** Copies a folder with the owners of its files: those of Postgres keep theirs. */
const copyFolder = (from: string, to: string) => promisify(execFile)("cp", ["-a", from, to]);
