import { z } from "zod";
import { readObject } from "./body.ts";
import { validEmail } from "./email.ts";
import { validationFailed } from "./errors.ts";

const metadata = z.record(z.string(), z.unknown()).nullish();

const userBody = z.object({
  id: z.uuid().nullish(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string().nullish(),
  password_hash: z.string().nullish(),
  email_confirm: z.boolean().nullish(),
  phone_confirm: z.boolean().nullish(),
  user_metadata: metadata,
  app_metadata: metadata,
  role: z.string().nullish(),
  ban_duration: z.string().nullish(),
});

/** The user that an administrator creates or changes. */
export type UserBody = Omit<z.infer<typeof userBody>, "ban_duration"> & {
  /** Seconds from now; null lifts the ban; undefined leaves it unchanged. */
  bannedFor?: number | null;
};

const SECONDS_PER_UNIT: Record<string, number> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };

/**
 * Reads the body of a request that creates or updates a user.
 * @throws AuthError bad_json, validation_failed
 */
export async function readUserBody(request: Request): Promise<UserBody> {
  const { ban_duration, ...body } = check(await readObject(request));
  if (body.email) body.email = validEmail(body.email);
  if (body.password && body.password_hash) {
    throw validationFailed("Only a password or a password hash should be provided");
  }
  if (body.password && new TextEncoder().encode(body.password).length > 72) {
    throw validationFailed("Password cannot be longer than 72 characters");
  }
  if (
    body.password_hash &&
    !/^\$2[aby]\$\d\d\$.{53}$|^\$argon2id?\$v=19\$m=\d+,t=\d+,p=\d+\$[^$]+\$[^$]+$/.test(body.password_hash)
  ) {
    throw validationFailed("Invalid format of the password hash");
  }
  return { ...body, bannedFor: ban_duration ? banSeconds(ban_duration) : undefined };
}

function check(value: unknown): z.infer<typeof userBody> {
  const { data, error } = userBody.safeParse(value);
  if (error) throw validationFailed(`${error.issues[0]!.path.join(".") || "body"}: ${error.issues[0]!.message}`);
  return data;
}

/** Parses a duration in the format of Go: `24h`, `1h30m`; `none` lifts the ban. */
function banSeconds(text: string): number | null {
  if (text === "none") return null;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text) {
    throw validationFailed(`invalid format for ban duration: time: invalid duration "${text}"`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * SECONDS_PER_UNIT[unit!]!, 0);
}
