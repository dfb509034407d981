import type postgres from "postgres";
import { validEmail } from "./email.ts";
import type { AuthSettings } from "./settings.ts";

/** What a client sent, as far as it is JSON. */
export type Given = Record<string, unknown> | undefined;

/** What lite says when there is no account, or none may be made. */
const tellTale = ["otp_disabled", "signup_disabled"];
/** Longer than what is done for an address that is known. */
const pause = 400;

/**
 * Asks for a mail. Whether the address belongs to somebody is told neither by the answer nor by the time it takes.
 * @param ask passes the request on to lite, with another body.
 */
export async function mail(
  given: Given,
  { signup }: AuthSettings,
  path: string,
  ask: (body: object) => Promise<Response>,
): Promise<Response> {
  const email = typeof given?.email === "string" && given.email ? validEmail(given.email) : given?.email;
  const body = { ...given, email, ...(!signup && path.endsWith("/otp") && { create_user: false }) };
  const [response] = await Promise.all([
    ask(body),
    new Promise((resolve) => setTimeout(resolve, pause)),
  ]);
  if (response.status !== 422) return response;
  const { error_code, code } = await response.clone().json();
  return tellTale.includes(error_code ?? code) ? Response.json({}) : response;
}

/**
 * A project that asks for a confirmation answers whoever signs up with a taken address as if it was free.
 * @returns that answer; undefined when the address was free, or the project tells at once.
 */
export async function signedUpAlready(
  response: Response,
  given: Given,
  sql: postgres.Sql,
  { autoconfirm }: AuthSettings,
): Promise<Response | undefined> {
  if (autoconfirm || response.status !== 429) return undefined;
  const email = String(given?.email).toLowerCase();
  // As long as it takes to hash a password.
  await sql`select extensions.crypt(${String(given?.password)}, extensions.gen_salt('bf', 10))`;
  const now = new Date().toISOString();
  return Response.json({
    id: crypto.randomUUID(),
    aud: "authenticated",
    role: "",
    email,
    phone: "",
    confirmation_sent_at: now,
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: given?.data ?? {},
    identities: [],
    created_at: now,
    updated_at: now,
    is_anonymous: false,
  });
}
