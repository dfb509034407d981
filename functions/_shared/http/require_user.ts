import type { Context, MiddlewareHandler } from "hono";
import { verifyToken } from "../auth/tokens.ts";
import { ApiError } from "../base/errors.ts";
import type { Api } from "./app.ts";

const CHALLENGE = { "WWW-Authenticate": "Bearer" };

/** 401 for a request without a token. */
export const notAuthenticated = () =>
  new ApiError(401, { detail: "Authentication credentials were not provided." }, CHALLENGE);

/** 401 for an access token that is expired, forged or not a user's. */
export const tokenNotValid = () =>
  new ApiError(401, {
    detail: "Given token not valid for any token type",
    code: "token_not_valid",
    messages: [{ token_class: "AccessToken", token_type: "access", message: "Token is invalid or expired" }],
  }, CHALLENGE);

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
