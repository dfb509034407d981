/** How deeply a request may be nested: beyond this lite overflows its stack and responds with 500. */
const MAX_DEPTH = { json: 200, query: 50 };

/**
 * Checks how deeply a request is nested.
 * @returns the part that is nested too deeply, or the request to continue with.
 */
export async function withinDepth(request: Request): Promise<{ tooDeep: "body" | "query" } | { request: Request }> {
  if (depthOf(decoded(new URL(request.url).search), "(", ")") > MAX_DEPTH.query) return { tooDeep: "query" };
  if (!request.body || !isJson(request)) return { request };
  const text = await request.text();
  return depthOf(text, "[{", "]}") > MAX_DEPTH.json
    ? { tooDeep: "body" }
    : { request: new Request(request, { body: text }) };
}

/** A body without a type is treated as JSON. */
function isJson({ headers }: Request): boolean {
  const type = headers.get("content-type") ?? "json";
  return type.includes("json") || type.startsWith("text/plain");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The depth of nested brackets in a text, except those in quotes. */
function depthOf(text: string, opening: string, closing: string): number {
  let depth = 0;
  let most = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (isQuoted && sign === "\\") at++;
    else if (sign === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (opening.includes(sign)) most = Math.max(most, ++depth);
    else if (closing.includes(sign)) depth--;
  }
  return most;
}
