import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
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

/** Options that change nothing of the database. */
const KEEP_DATABASE = /^(--replica|--workers(=.*)?)$/;

/**
 * Starts a stack; with Supabase Auth when `npm run test:auth` names its program. Without options that concern the database
 * it gets a copy of the one that `scripts/vitest.ts` has set up, which saves two seconds of the processor.
 */
export async function startStack({ env, ...options }: StackOptions = {}): Promise<Stack> {
  const all = { auth: process.env.PARLEY_AUTH, env: { ...FOR_TESTS, ...env }, ...options };
  const template = process.env.PARLEY_TEMPLATE;
  if (!template || options.data || options.project || options.args?.some((arg) => !KEEP_DATABASE.test(arg))) {
    return await start(all);
  }
  const folder = await temporaryFolder();
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const data = join(folder, "data");
    await promisify(execFile)("cp", ["-a", template, data]); // Postgres's files keep their owner
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
