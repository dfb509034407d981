import type { Context, MiddlewareHandler } from "hono";
import { LRUCache } from "lru-cache";
import { refresh, type Tokens } from "../../_shared/accounts/sign_in.ts";
import { type Claims, verifyToken } from "../../_shared/auth/tokens.ts";
import { ApiError } from "../../_shared/base/errors.ts";
import type { Api } from "../../_shared/http/app.ts";
import { notAuthenticated } from "../../_shared/base/errors.ts";
import { clientAddress } from "../../_shared/network/address.ts";
import { keepTokens, tokensOf } from "./cookies.ts";

/**
 * A refresh token is used up by the first request that brings it, and several tabs bring it at once: all of them get the
 * tokens that the first one got.
 */
const renewals = new LRUCache<string, Promise<Tokens>>({ max: 5000, ttl: 10_000 });

function renew(token: string, address?: string): Promise<Tokens> {
  const underway = renewals.get(token);
  if (underway) return underway;
  const tokens = refresh(token, address);
  renewals.set(token, tokens);
  tokens.catch(() => renewals.delete(token));
  return tokens;
}

/**
 * Who is signed in by the cookies of a request. An access token that has expired is renewed, and the browser given the
 * new one. Invalid tokens are not cleared: another tab may have replaced them.
 */
export async function findVisitor(c: Context): Promise<{ claims: Claims; access: string } | undefined> {
  const kept = tokensOf(c);
  const claims = kept.access && await verifyToken(kept.access);
  if (claims) return { claims, access: kept.access! };
  if (!kept.refresh) return undefined;
  const tokens = await renew(kept.refresh, clientAddress(c)).catch((error) => {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  });
  const renewed = tokens && await verifyToken(tokens.access);
  if (!renewed) return undefined;
  await keepTokens(c, tokens);
  return { claims: renewed, access: tokens.access };
}

/** Lets only those pass whose cookies sign them in, and notes who they are. Raises 401. */
export const signedInByCookie: MiddlewareHandler<Api> = async (c, next) => {
  const visitor = await findVisitor(c);
  if (!visitor) throw notAuthenticated();
  c.set("claims", visitor.claims);
  await next();
};
