/** Answers a violated check as PostgREST does: 400 with its SQLSTATE, where lite answers 500 without one. */
export async function withViolations(response: Response): Promise<Response> {
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
