/** An answer of the gateway itself. */
export function answer(status: number, code: string, message: string, headers: HeadersInit = {}): Response {
  const response = Response.json({ code, message }, { status, headers });
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

/** For a method that no function is given, in the shape of the functions' own refusals. */
export function methodNotAllowed(method: string): Response {
  const headers = { Allow: "GET, POST, PUT, PATCH, DELETE, OPTIONS" };
  return Response.json({ detail: `Method "${method}" not allowed.` }, { status: 405, headers });
}

/** While Postgres or one of the services is away. */
export function unavailable(): Response {
  const message = "The service is starting or recovering; try again in a moment.";
  return answer(503, "service_unavailable", message, { "Retry-After": "1" });
}
