import { errors, jwtVerify } from "jose";
import type { EdgeFunction } from "./functions.ts";
import { answer } from "./responses.ts";

/** A function with `verify_jwt = true`: it is reached with a valid token of the project only, whoever's it is. */
export function behindJwt(edgeFunction: EdgeFunction, secret: string): EdgeFunction {
  const key = new TextEncoder().encode(secret);
  return {
    async fetch(request) {
      // A browser asks without a token whether it may send one.
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
  return answer(401, code, message, { "sb-error-code": code });
}
