import { decodeJwt } from "jose";
import { withinDepth } from "./depth.ts";
import { withJoinedLogic } from "./logic.ts";
import { withPreferences } from "./preferences.ts";

type Handler = (request: Request) => Promise<Response>;

/** The Data API of lite, which also rejects what only PostgREST rejects. */
export function dataApi(lite: Handler): Handler {
  return async (request) => {
    const checked = await withinDepth(request);
    if ("tooDeep" in checked) {
      return checked.tooDeep === "body"
        ? refuse(400, "PGRST102", "The body is nested too deep")
        : refuse(400, "PGRST100", "The query is nested too deep");
    }
    const { headers } = checked.request;
    const problem = bearerProblem(headers.get("authorization"), headers.get("apikey"));
    if (problem) return unauthorized(problem);
    const answered = withJoinedLogic(withBearer(checked.request));
    return await withViolations(await withPreferences(answered, () => calledWithHead(answered, lite)));
  };
}

/** lite refuses to call a function with HEAD: it is called as with GET, and its response has no body. */
async function calledWithHead(request: Request, lite: Handler): Promise<Response> {
  if (request.method !== "HEAD" || !new URL(request.url).pathname.startsWith("/rest/v1/rpc/")) {
    return await lite(request);
  }
  const response = await lite(new Request(request, { method: "GET" }));
  await response.body?.cancel();
  return new Response(null, response);
}

const bearer = (header: string | null) => /^bearer +(.*)$/i.exec(header ?? "")?.[1]?.trim();

/** lite expects the scheme in this case. */
function withBearer(request: Request): Request {
  const header = request.headers.get("authorization");
  const token = bearer(header);
  if (!token || header === `Bearer ${token}`) return request;
  const headers = new Headers(request.headers);
  headers.set("authorization", `Bearer ${token}`);
  return new Request(request, { headers });
}

/** The error that PostgREST reports for a token before it verifies the signature. */
function bearerProblem(header: string | null, apikey: string | null): [code: string, message: string] | undefined {
  if (!header || !/^bearer( |$)/i.test(header)) return undefined;
  const token = bearer(header) ?? "";
  if (token === apikey) return undefined;
  if (token === "") return ["PGRST301", "Empty JWT is sent in Authorization header"];
  const parts = token.split(".").length;
  if (parts !== 3) return ["PGRST301", `Expected 3 parts in JWT; got ${parts}`];
  try {
    const { exp } = decodeJwt(token);
    return typeof exp === "number" ? undefined : ["PGRST303", "The JWT never expires"];
  } catch {
    return ["PGRST301", "JWT cryptographic operation failed"];
  }
}

function unauthorized([code, message]: [string, string]): Response {
  const challenge = `Bearer error="invalid_token", error_description="${message}"`;
  return refuse(401, code, message, { "WWW-Authenticate": challenge });
}

function refuse(status: number, code: string, message: string, headers: HeadersInit = {}): Response {
  return Response.json({ code, message, details: null, hint: null }, { status, headers });
}

/** Reports a violated check as PostgREST does: 400 with its SQLSTATE, where lite responds with 500 without one. */
async function withViolations(response: Response): Promise<Response> {
  if (response.status !== 500) return response;
  const text = await response.text();
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  const message = /^PostgresError: (.* violates check constraint .*)/s.exec(messageOf(text))?.[1];
  if (!message) return new Response(text, { status: 500, headers });
  return new Response(JSON.stringify({ code: "23514", message, details: null, hint: null }), { status: 400, headers });
}

function messageOf(text: string): string {
  try {
    return String(JSON.parse(text).message);
  } catch {
    return text;
  }
}
