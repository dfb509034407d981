import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appClient } from "../support/clients.ts";
import { temporaryStack } from "./run.ts";

const issuer = "https://accounts.test";
const audience = "client-1.apps.test";
let stack: Awaited<ReturnType<typeof temporaryStack>>;
let keyServer: Server;
let key: CryptoKey;
let visitor: ReturnType<typeof appClient>;

beforeAll(async () => {
  const pair = await generateKeyPair("RS256");
  key = pair.privateKey;
  const keys = JSON.stringify({ keys: [{ ...await exportJWK(pair.publicKey), kid: "one", alg: "RS256", use: "sig" }] });
  keyServer = createServer((_, response) => void response.setHeader("Content-Type", "application/json").end(keys));
  const port = await new Promise<number>((resolve) => {
    keyServer.listen(0, "127.0.0.1", () => resolve((keyServer.address() as { port: number }).port));
  });
  stack = await temporaryStack([], {
    PARLEY_GOOGLE_ISSUER: issuer,
    PARLEY_GOOGLE_JWKS_URL: `http://127.0.0.1:${port}/certs`,
    GOOGLE_CLIENT_ID: `other.apps.test,${audience}`,
    GOOGLE_CLIENT_SECRET: "unused",
  });
  visitor = appClient({ stack: stack.status });
});
afterAll(async () => {
  await stack.stop();
  keyServer.close();
});

const person = {
  sub: "g-1",
  email: "ann@example.com",
  email_verified: true,
  name: "Ann Lee",
  picture: "https://x/ann.png",
};

function sign(claims: JWTPayload, signingKey = key): Promise<string> {
  return new SignJWT({ ...person, ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "one" })
    .setIssuer(claims.iss ?? issuer)
    .setAudience(claims.aud ?? audience)
    .setIssuedAt()
    .setExpirationTime(claims.exp ?? "1h")
    .sign(signingKey);
}

async function signIn(claims: JWTPayload = {}, nonce?: string, signingKey?: CryptoKey) {
  return await visitor.auth.signInWithIdToken({ provider: "google", token: await sign(claims, signingKey), nonce });
}

test("a Google token creates an account once, and signs in to it from then on", async () => {
  const first = await signIn();
  expect(first.error).toBeNull();
  expect(first.data.user).toMatchObject({
    email: "ann@example.com",
    app_metadata: { provider: "google", providers: ["google"] },
    user_metadata: { full_name: "Ann Lee", avatar_url: "https://x/ann.png" },
  });
  const again = await Promise.all([signIn(), signIn(), signIn()]);
  expect(again.map(({ data }) => data.user?.id)).toEqual(Array(3).fill(first.data.user!.id));
  expect((await visitor.auth.refreshSession(again[2]!.data.session!)).error).toBeNull();
});

test("an account with the same verified email is linked, one with an unverified email is not", async () => {
  const { data } = await visitor.auth.signUp({ email: "bob@example.com", password: "secret-123" });
  const refused = await signIn({ sub: "g-2", email: "bob@example.com", email_verified: false });
  expect(refused.error?.code).toBe("provider_email_needs_verification");
  const linked = await signIn({ sub: "g-2", email: "Bob@example.com" });
  expect(linked.data.user).toMatchObject({ id: data.user!.id, app_metadata: { providers: ["email", "google"] } });
});

test("an account registered with another user's email goes to the owner of the email", async () => {
  const { publishable_key: key } = stack.status;
  const mallory = appClient({ stack: stack.status, key });
  const taken = { email: "victim@example.com", password: "mallory's own" };
  const { data } = await mallory.auth.signUp({
    ...taken,
    options: { data: { first_name: "Mallory", full_name: "M" } },
  });
  const owner = await signIn({ sub: "g-3", email: "victim@example.com", name: "Vic Tim", given_name: "Vic" });
  expect(owner.data.user).toMatchObject({ id: data.user!.id, email: "victim@example.com" });
  expect((await appClient({ stack: stack.status, key }).auth.signInWithPassword(taken)).error?.code).toBe(
    "invalid_credentials",
  );
  expect((await mallory.auth.refreshSession()).error?.code).toBe("refresh_token_not_found");
  expect((await mallory.auth.getUser(data.session!.access_token)).error?.name).toBe("AuthSessionMissingError");
  const { data: { user } } = await visitor.auth.getUser(owner.data.session!.access_token);
  expect(user?.user_metadata).toMatchObject({ full_name: "Vic Tim" });
  expect(user?.user_metadata).not.toHaveProperty("first_name");
  const chatting = appClient({ stack: stack.status, key });
  await chatting.auth.setSession(owner.data.session!);
  const profile = await chatting.schema("chat").from("profiles").select("first_name").eq("id", user!.id).single();
  expect(profile.data).toEqual({ first_name: "Vic" });
  expect((await chatting.auth.updateUser({ password: "my own, at last" })).error).toBeNull();
  expect((await signIn({ sub: "g-3", email: "victim@example.com" })).error).toBeNull();
  const own = { email: "victim@example.com", password: "my own, at last" };
  expect((await appClient({ stack: stack.status, key }).auth.signInWithPassword(own)).error).toBeNull();
});

test("the nonce must be on both sides and match", async () => {
  const hash = createHash("sha256").update("n-1").digest("hex");
  expect((await signIn({ nonce: hash }, "n-1")).error).toBeNull();
  expect((await signIn({ nonce: hash }, "n-2")).error?.message).toBe("Nonces mismatch");
  const missing = "Passed nonce and nonce in id_token should either both exist or not.";
  expect((await signIn({ nonce: hash })).error?.message).toBe(missing);
  expect((await signIn({}, "n-1")).error?.message).toBe(missing);
});

test("a token that is forged, expired or for another audience is refused", async () => {
  const { privateKey: forged } = await generateKeyPair("RS256");
  const message = async (claims: JWTPayload, signingKey?: CryptoKey) => {
    const { error } = await signIn(claims, undefined, signingKey);
    return [error?.status, error?.message];
  };
  expect(await message({}, forged)).toEqual([400, "Bad ID token"]);
  expect(await message({ exp: 1 })).toEqual([400, "Bad ID token"]);
  expect(await message({ iss: "https://evil.test" })).toEqual([400, "Bad ID token"]);
  expect(await message({ aud: "somebody.apps.test" })).toEqual([400, "Unacceptable audience in id_token"]);
  const { error } = await visitor.auth.signInWithIdToken({ provider: "google", token: "no token" });
  expect(error?.message).toBe("Bad ID token");
});
