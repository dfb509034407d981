import type postgres from "postgres";
import { validEmail } from "./email.ts";
import { hashed } from "./password.ts";
import type { AuthSettings } from "./settings.ts";

/** The JSON that a client sent. */
export type Given = Record<string, unknown> | undefined;

/** The codes that reveal that there is no account. */
const REVEALING_CODES = ["otp_disabled", "signup_disabled"];
/** Longer than lite needs for a known address. */
const MIN_RESPONSE_MS = 400;

/**
 * Requests an email. Neither the response nor its timing reveals whether the address has an account.
 * @param ask forwards the request to lite, with another body.
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
    new Promise((resolve) => setTimeout(resolve, MIN_RESPONSE_MS)),
  ]);
  if (response.status !== 422) return response;
  const { error_code, code } = await response.clone().json();
  return REVEALING_CODES.includes(error_code ?? code) ? Response.json({}) : response;
}

/**
 * A project that requires confirmations responds to a sign-up with a taken address as if it were free.
 * @returns that response; undefined when the address was free, or when the project requires no confirmation.
 */
export async function signedUpAlready(
  response: Response,
  given: Given,
  sql: postgres.Sql,
  { autoconfirm }: AuthSettings,
): Promise<Response | undefined> {
  if (autoconfirm || response.status !== 429) return undefined;
  const email = String(given?.email).toLowerCase();
  // Takes as long as hashing a password.
  await sql`select ${hashed(sql, String(given?.password))}`;
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
