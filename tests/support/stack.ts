import process from "node:process";
import { type Stack, type StackOptions, startStack as start } from "../../local/stack_process.ts";

export { readStatus, type Stack, type Status } from "../../local/stack_process.ts";

/** Auth counts all requests of an address, and all tests have the same one. To hash a password takes long. */
const FOR_TESTS = {
  PARLEY_PASSWORD_COST: "4",
  GOTRUE_RATE_LIMIT_TOKEN_REFRESH: "1000000",
  GOTRUE_RATE_LIMIT_OTP: "1000000",
  GOTRUE_RATE_LIMIT_VERIFY: "1000000",
  GOTRUE_RATE_LIMIT_EMAIL_SENT: "1000000",
};

/** Starts a stack; with Supabase Auth when `npm run test:auth` names its program. */
export function startStack({ env, ...options }: StackOptions = {}): Promise<Stack> {
  return start({ auth: process.env.PARLEY_AUTH, env: { ...FOR_TESTS, ...env }, ...options });
}
