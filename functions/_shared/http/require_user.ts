import type { Context, MiddlewareHandler } from "hono";
import { verifyToken } from "../auth/tokens.ts";
import { notAuthenticated, tokenNotValid } from "../base/errors.ts";
import type { Api } from "./app.ts";

/** Requires a signed-in user, and sets `claims`. */
export const signedIn: MiddlewareHandler<Api> = async (c, next) => {
  const token = bearerToken(c);
  if (token === undefined) throw notAuthenticated();
  const claims = await verifyToken(token);
  if (!claims) throw tokenNotValid();
  c.set("claims", claims);
  await next();
};

const bearerToken = (c: Context) => /^bearer\s+(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];

/** The access token of a request that `signedIn` has let pass. */
export const accessToken = (c: Context) => bearerToken(c)!;
