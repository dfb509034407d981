/** An error response of the gateway itself. */
export function errorResponse(status: number, code: string, message: string, headers: HeadersInit = {}): Response {
  const response = Response.json({ code, message }, { status, headers });
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

/** The response to a method that no function receives, in the shape of the functions' own errors. */
export function methodNotAllowed(method: string): Response {
  const headers = { Allow: "GET, POST, PUT, PATCH, DELETE, OPTIONS" };
  return Response.json({ detail: `Method "${method}" not allowed.` }, { status: 405, headers });
}

/** The response while Postgres or a service is down. */
export function unavailable(): Response {
  const message = "The service is starting or recovering; try again in a moment.";
  return errorResponse(503, "service_unavailable", message, { "Retry-After": "1" });
}
