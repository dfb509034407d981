import type postgres from "postgres";
import { z } from "zod";
import { createUser } from "./admin_writes.ts";
import { readObject } from "./body.ts";
import { validEmail } from "./email.ts";
import { emailExists, userNotFound, validationFailed } from "./errors.ts";
import type { AuthSettings } from "./settings.ts";
import { describeUser, findUserByEmail, type Metadata, type UserRow } from "./users.ts";

const linkBody = z.object({
  type: z.enum(["signup", "magiclink", "recovery", "invite", "email_change_current", "email_change_new"]),
  email: z.string(),
  new_email: z.string().optional(),
  password: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  redirect_to: z.string().optional(),
});
type LinkBody = z.infer<typeof linkBody>;

/**
 * `admin/generate_link`: a link that would be sent by email, and its code. Creates the account when the type of link
 * requires it.
 * @throws AuthError validation_failed, email_exists, user_not_found
 */
export async function generateLink(sql: postgres.Sql, settings: AuthSettings, request: Request): Promise<Metadata> {
  const body = check(await readObject(request));
  const found = await findUserByEmail(sql, body.email);
  const { type, user } = await accountFor(sql, body, found);
  const code = String(crypto.getRandomValues(new Uint32Array(1))[0]! % 1_000_000).padStart(6, "0");
  const hash = await hashOf(body.type === "email_change_new" ? body.new_email! : body.email, code);
  const row = await keepToken(sql, type, user.id, hash, body);
  const redirect = body.redirect_to ?? request.headers.get("redirect_to") ?? settings.siteUrl;
  const verification = type.startsWith("email_change") ? "email_change" : type;
  const link = new URL(`${settings.issuer}/verify`);
  link.search = String(new URLSearchParams({ token: hash, type: verification, redirect_to: redirect }));
  return {
    ...await describeUser(sql, row),
    action_link: link.href,
    email_otp: code,
    hashed_token: hash,
    verification_type: type,
    redirect_to: redirect,
  };
}

function check(value: unknown): LinkBody {
  const { data, error } = linkBody.safeParse(value);
  if (error) throw validationFailed(`${error.issues[0]!.path.join(".") || "body"}: ${error.issues[0]!.message}`);
  data.email = validEmail(data.email);
  if (data.new_email !== undefined) data.new_email = validEmail(data.new_email);
  if (data.type.startsWith("email_change") && !data.new_email) throw validationFailed("An email address is required");
  if (data.type === "signup" && !data.password) throw validationFailed("Signup requires a valid password");
  return data;
}

async function accountFor(sql: postgres.Sql, body: LinkBody, found: UserRow | undefined) {
  // A magic link for an unknown address signs up.
  const type = body.type === "magiclink" && !found ? "signup" : body.type;
  if (type === "signup" || type === "invite") {
    if (found?.email_confirmed_at) throw emailExists();
    return { type, user: found ?? await makeAccount(sql, body) };
  }
  if (!found) throw userNotFound();
  if (type.startsWith("email_change") && await findUserByEmail(sql, body.new_email!)) throw emailExists();
  return { type, user: found };
}

async function makeAccount(sql: postgres.Sql, { email, password, data }: LinkBody): Promise<UserRow> {
  await createUser(sql, { email, password: password ?? crypto.randomUUID(), user_metadata: data });
  return (await findUserByEmail(sql, email))!;
}

/** The hash by which lite finds the owner of a code. */
async function hashOf(email: string, code: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(email + code));
  return new Uint8Array(digest).toHex();
}

async function keepToken(sql: postgres.Sql, type: string, id: string, hash: string, { new_email }: LinkBody) {
  const token = {
    signup: sql`confirmation_token = ${hash}, confirmation_sent_at = now()`,
    invite: sql`confirmation_token = ${hash}, confirmation_sent_at = now(), invited_at = now()`,
    email_change_current: sql`email_change = ${new_email ?? null}, email_change_token_current = ${hash},
      email_change_sent_at = now(), email_change_confirm_status = 0`,
    email_change_new: sql`email_change = ${new_email ?? null}, email_change_token_new = ${hash},
      email_change_sent_at = now(), email_change_confirm_status = 0`,
  }[type] ?? sql`recovery_token = ${hash}, recovery_sent_at = now()`;
  const [row] = await sql<UserRow[]>`update auth.users set ${token}, updated_at = now() where id = ${id} returning *`;
  return row!;
}
