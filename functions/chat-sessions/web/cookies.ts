import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import type { Tokens } from "../../_shared/accounts/sign_in.ts";
import { verifyToken } from "../../_shared/auth/tokens.ts";
import { outerAddress } from "../../_shared/network/address.ts";

const ACCESS = "chat_sessions_access";
const REFRESH = "chat_sessions_refresh";
/** As long as a refresh token holds. */
const WEEK_SECONDS = 7 * 24 * 60 * 60;

/** No script may read them, no foreign page may send them along but by a link, and other functions never see them. */
function options(c: Context): CookieOptions {
  const { origin, prefix } = outerAddress(c);
  return { path: prefix || "/", httpOnly: true, sameSite: "Lax", secure: origin.startsWith("https:") };
}

/** The tokens that a browser keeps. */
export const tokensOf = (c: Context): Partial<Tokens> => ({
  access: getCookie(c, ACCESS),
  refresh: getCookie(c, REFRESH),
});

/** Lets the browser keep the tokens of a session. */
export async function keepTokens(c: Context, { access, refresh }: Tokens): Promise<void> {
  const claims = await verifyToken(access);
  const seconds = claims ? Math.max(0, claims.exp - Math.floor(Date.now() / 1000)) : 0;
  setCookie(c, ACCESS, access, { ...options(c), maxAge: seconds });
  setCookie(c, REFRESH, refresh, { ...options(c), maxAge: WEEK_SECONDS });
}

/** Lets the browser forget them. */
export function forgetTokens(c: Context): void {
  deleteCookie(c, ACCESS, options(c));
  deleteCookie(c, REFRESH, options(c));
}
