import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { Tokens } from "../_shared/accounts/sign_in.ts";
import { verifyToken } from "../_shared/auth/tokens.ts";
import { outerAddress } from "../_shared/network/address.ts";

const NAME = "access";

/** Keeps the access token, as long as it holds, in a cookie that signs the WebSocket in. */
export async function keepInCookie(c: Context, { access }: Tokens): Promise<void> {
  const claims = await verifyToken(access);
  if (claims) setCookie(c, NAME, access, { ...attributes(c), expires: new Date(claims.exp * 1000) });
}

/** Takes the cookie away. */
export function forgetCookie(c: Context): void {
  deleteCookie(c, NAME, attributes(c));
}

/** It goes where this API is, and nowhere else; scripts cannot read it, and other sites' forms do not send it. */
function attributes(c: Context) {
  const { origin, prefix } = outerAddress(c);
  return { path: prefix || "/", secure: origin.startsWith("https:"), httpOnly: true, sameSite: "Lax" } as const;
}
