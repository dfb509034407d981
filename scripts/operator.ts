// npm run operator -- NAME: makes an account an administrator or a moderator, and makes the account when there is none.
import { randomBytes } from "node:crypto";
import process from "node:process";
import { parseArgs } from "node:util";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database, Enums } from "../client/sdk/src/contract/database.ts";
import { Refusal } from "./import/refusal.ts";
import { runningStack } from "./import/running_stack.ts";

const USAGE = `npm run operator -- NAME [--moderator] [--data DIR]
  NAME: a username or an e-mail address. An account that does not exist is made.
  --moderator: a moderator instead of an administrator.
  For another project than that of npm start: its API_URL and SECRET_KEY in the environment.`;

type Client = SupabaseClient<Database, "chat">;
type Role = Enums<"operator_role">;

interface Account {
  id: string;
  /** Only of an account that was made now. */
  password?: string;
}

function readOptions() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { moderator: { type: "boolean", default: false }, data: { type: "string", default: ".local" } },
    });
    if (positionals.length === 1 && positionals[0]) return { name: positionals[0], ...values };
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n${USAGE}`);
  }
  throw new Refusal(USAGE);
}

/** The project of the environment, or the stack that runs on the data folder. */
async function projectOf(data: string): Promise<{ url: string; key: string; isLocal: boolean }> {
  const { API_URL: url, SECRET_KEY: key } = process.env;
  if (url && key) return { url, key, isLocal: false };
  if (url || key) throw new Refusal(`Give both API_URL and SECRET_KEY, or neither.\n${USAGE}`);
  const { api_url, secret_key } = await runningStack(data);
  return { url: api_url, key: secret_key, isLocal: true };
}

/** The account of this address, or of this username. */
async function accountOf(client: Client, name: string): Promise<Account | undefined> {
  if (name.includes("@")) {
    const { data } = await client.rpc("moderated_people", { query: name }).throwOnError();
    const owner = data.find(({ email }) => email === name.toLowerCase());
    if (owner?.id) return { id: owner.id };
  }
  const { data } = await client.from("profiles").select("id").eq("username", name).maybeSingle().throwOnError();
  return data ?? undefined;
}

async function makeAccount(client: Client, name: string, isLocal: boolean): Promise<Account> {
  const hasAddress = name.includes("@");
  if (!hasAddress && !isLocal) {
    throw new Refusal(`There is no account ${name}. To make one, give an e-mail address instead of a username.`);
  }
  const password = randomBytes(12).toString("base64url");
  const { data, error } = await client.auth.admin.createUser({
    email: hasAddress ? name : `${name}@operator.example`,
    password,
    email_confirm: true,
    user_metadata: hasAddress ? {} : { username: name },
  });
  if (error) throw new Refusal(`The account could not be made: ${error.message}`);
  return { id: data.user.id, password };
}

/** Gives the account the role, and says how to sign in. */
async function appoint(client: Client, { id, password }: Account, role: Role, place: string): Promise<void> {
  const { data, error } = await client.auth.admin.updateUserById(id, { app_metadata: { parley_role: role } });
  if (error) throw new Refusal(`The role could not be given: ${error.message}`);
  const { data: profile } = await client.from("profiles").select("username").eq("id", id).single().throwOnError();
  console.log(`${profile.username} is ${role === "moderator" ? "a moderator" : "an administrator"} now.`);
  console.log(
    password
      ? `Sign in at ${place} as ${data.user.email} with the password ${password}`
      : `Sign in at ${place} as ${data.user.email}. In an open session the role counts from its next token on, within the hour.`,
  );
}

async function run(): Promise<void> {
  const { name, moderator, data } = readOptions();
  const { url, key, isLocal } = await projectOf(data);
  const client: Client = createClient<Database, "chat">(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    db: { schema: "chat" },
  });
  const account = await accountOf(client, name) ?? await makeAccount(client, name, isLocal);
  await appoint(
    client,
    account,
    moderator ? "moderator" : "administrator",
    isLocal ? `${url}/admin` : "/admin of the chat page",
  );
}

run().then(() => process.exit(0), (error) => {
  console.error(error instanceof Refusal ? error.message : `Nobody has the role: ${(error as Error).message}`);
  process.exit(1);
});
