import { SignJWT, UnsecuredJWT } from "jose";
import type { Status } from "../support/stack.ts";
import type { Account } from "../support/users.ts";

/** `Authorization` headers that sign no one in, by what is wrong with them. */
export async function badAuthorizations(me: Account, status: Status): Promise<Record<string, string>> {
  const claims = { sub: me.id, role: "authenticated", aud: "authenticated" };
  const sign = (payload: Record<string, unknown>, secret: string, expiry = "1h") =>
    new SignJWT({ ...claims, ...payload }).setProtectedHeader({ alg: "HS256" }).setExpirationTime(expiry)
      .sign(new TextEncoder().encode(secret));
  const { jwt_secret: secret } = status;
  const [head, body, signature] = me.token.split(".");
  return {
    empty: "",
    scheme: "Basic bWFsbG9yeTpwYXNz",
    bare: "Bearer",
    nonsense: "Bearer nonsense",
    points: "Bearer ..",
    unsigned: `Bearer ${new UnsecuredJWT(claims).setExpirationTime("1h").encode()}`,
    forged: `Bearer ${await sign({}, "a secret of thirty-two characters or so")}`,
    expired: `Bearer ${await sign({}, secret, "-1h")}`,
    audience: `Bearer ${await sign({ aud: "somebody" }, secret)}`,
    anon: `Bearer ${status.anon_key}`,
    service: `Bearer ${status.service_role_key}`,
    serviceRole: `Bearer ${await sign({ role: "service_role" }, secret)}`,
    injection: `Bearer ${await sign({ sub: "' or true --" }, secret)}`,
    secretKey: `Bearer ${status.secret_key}`,
    refresh: `Bearer ${me.refresh}`,
    changed: `Bearer ${head}.${body!.slice(0, -2)}AA.${signature}`,
    long: `Bearer ${"a.".repeat(2_000)}`,
    bytes: "Bearer \xff\xfe\x80",
  };
}
