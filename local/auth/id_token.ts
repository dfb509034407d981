import type { JWTPayload } from "jose";
import type postgres from "postgres";
import { AuthError, unexpectedFailure } from "./errors.ts";
import { insertIdentity, mergeMetadata, type Metadata, NIL, type UserRow } from "./users.ts";

const PROVIDER = "google";

/**
 * The account of a verified ID token: the one that signed in with it before, else the one with the same address, else
 * a new one.
 * @throws AuthError provider_email_needs_verification, signup_disabled
 */
export async function accountOf(sql: postgres.Sql, claims: JWTPayload, maySignUp: boolean): Promise<string> {
  try {
    return await sql.begin(async (sql) => {
      const profile = profileOf(claims);
      const known = await knownIdentity(sql, profile);
      if (known) return known;
      const email = verifiedEmail(claims);
      const found = await accountByEmail(sql, email);
      const account = found?.id ?? await newAccount(sql, email, profile, maySignUp);
      await insertIdentity(sql, account, PROVIDER, claims.sub!, profile);
      if (found && !found.email_confirmed_at) await takeOver(sql, found, claims.sub!);
      await noteProvider(sql, account, profile);
      return account;
    });
  } catch (error) {
    if (error instanceof AuthError) throw error;
    console.error(error);
    throw unexpectedFailure("Database error saving new user");
  }
}

function profileOf({ sub, iss, email, email_verified, name, picture, ...claims }: JWTPayload): Metadata {
  const { given_name, family_name } = claims;
  return mergeMetadata({}, {
    iss,
    sub,
    provider_id: sub,
    email: email ?? null,
    email_verified: email_verified ?? false,
    phone_verified: false,
    name: name ?? null,
    full_name: name ?? null,
    given_name: given_name ?? null,
    family_name: family_name ?? null,
    picture: picture ?? null,
    avatar_url: picture ?? null,
  });
}

async function knownIdentity(sql: postgres.TransactionSql, profile: Metadata): Promise<string | undefined> {
  const [identity] = await sql<{ user_id: string }[]>`update auth.identities
    set identity_data = identity_data || ${sql.json(profile as postgres.JSONValue)}, last_sign_in_at = now()
    where provider = ${PROVIDER} and provider_id = ${profile.sub as string} returning user_id`;
  return identity?.user_id;
}

/** With an unverified address anyone could take over any account. */
function verifiedEmail({ email, email_verified }: JWTPayload): string {
  const isVerified = email_verified === true || email_verified === "true";
  if (typeof email === "string" && email !== "" && isVerified) return email.toLowerCase();
  throw new AuthError(422, "provider_email_needs_verification", "The provider has not verified this email address");
}

async function accountByEmail(sql: postgres.TransactionSql, email: string): Promise<UserRow | undefined> {
  const [user] = await sql<UserRow[]>`select * from auth.users
    where email = ${email} and is_sso_user = false for update`;
  return user;
}

/** The account was registered but never confirmed; the owner of the address must not share it with that person. */
async function takeOver(sql: postgres.TransactionSql, { id }: UserRow, providerId: string): Promise<void> {
  await sql`delete from auth.identities where user_id = ${id} and provider_id <> ${providerId}`;
  await sql`update auth.users set email_confirmed_at = now(), encrypted_password = null, raw_user_meta_data = '{}'
    where id = ${id}`;
}

async function newAccount(
  sql: postgres.TransactionSql,
  email: string,
  profile: Metadata,
  maySignUp: boolean,
): Promise<string> {
  if (!maySignUp) throw new AuthError(422, "signup_disabled", "Signups not allowed for this instance");
  const id = crypto.randomUUID();
  const [app, user] = [{ provider: PROVIDER, providers: [PROVIDER] }, profile as postgres.JSONValue];
  await sql`insert into auth.users (instance_id, id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
    values (${NIL}, ${id}, 'authenticated', 'authenticated', ${email}, now(), ${sql.json(app)}, ${sql.json(user)})`;
  return id;
}

async function noteProvider(sql: postgres.TransactionSql, id: string, profile: Metadata): Promise<void> {
  await sql`update auth.users set
      raw_app_meta_data = raw_app_meta_data || jsonb_build_object('providers',
        (select jsonb_agg(provider order by created_at) from auth.identities where user_id = ${id})),
      raw_user_meta_data = raw_user_meta_data || ${sql.json(profile as postgres.JSONValue)},
      updated_at = now()
    where id = ${id}`;
}
