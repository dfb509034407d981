const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
const EXPOSED_HEADERS =
  "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Link, Location, Preference-Applied, " +
  "Range-Unit, Retry-After, Server, Transfer-Encoding, X-Total-Count, X-Supabase-Api-Version";

/** The response to a CORS preflight; undefined for any other request. */
export function corsPreflight({ method, headers }: Request): Response | undefined {
  if (method !== "OPTIONS" || !headers.has("Access-Control-Request-Method")) return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Methods": METHODS,
      "Access-Control-Allow-Headers": headers.get("Access-Control-Request-Headers") ?? "*",
      "Access-Control-Max-Age": "3600",
    },
  });
}

/** Lets pages of any origin read the response, and forbids browsers to guess its content type. */
export function withCors(response: Response): Response {
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Access-Control-Allow-Origin", "*");
  response.headers.set("Access-Control-Expose-Headers", EXPOSED_HEADERS);
  return response;
}
