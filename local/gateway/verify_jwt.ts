import { errors, jwtVerify } from "jose";
import type { EdgeFunction } from "./functions.ts";
import { errorResponse } from "./responses.ts";

/** Wraps a function with `verify_jwt = true`: requests need a valid token of the project, of any role. */
export function behindJwt(edgeFunction: EdgeFunction, secret: string): EdgeFunction {
  const key = new TextEncoder().encode(secret);
  return {
    async fetch(request) {
      // A preflight request carries no token.
      if (request.method === "OPTIONS") return edgeFunction.fetch(request);
      return await refusal(request, key) ?? edgeFunction.fetch(request);
    },
  };
}

async function refusal({ headers }: Request, key: Uint8Array): Promise<Response | undefined> {
  const header = headers.get("authorization");
  if (!header) return refuse("UNAUTHORIZED_NO_AUTH_HEADER", "Missing authorization header");
  const token = /^Bearer (.+)$/i.exec(header)?.[1];
  if (!token) return refuse("UNAUTHORIZED_INVALID_JWT_FORMAT", "Auth header is not 'Bearer {token}'");
  try {
    await jwtVerify(token, key, { algorithms: ["HS256"] });
  } catch (error) {
    if (!(error instanceof errors.JOSEError)) throw error;
    return refuse("UNAUTHORIZED_JWT", "Invalid JWT");
  }
}

function refuse(code: string, message: string): Response {
  return errorResponse(401, code, message, { "sb-error-code": code });
}
