/** As deep as a request may be nested: beyond, lite runs out of stack, and answers as if it was its own fault. */
const deepest = { json: 200, query: 50 };

/**
 * The request, read so far that its nesting is known.
 * @returns what is nested too deep, or the request to go on with.
 */
export async function withinDepth(request: Request): Promise<{ tooDeep: "body" | "query" } | { request: Request }> {
  if (depthOf(decoded(new URL(request.url).search), "(", ")") > deepest.query) return { tooDeep: "query" };
  if (!request.body || !isJson(request)) return { request };
  const text = await request.text();
  return depthOf(text, "[{", "]}") > deepest.json
    ? { tooDeep: "body" }
    : { request: new Request(request, { body: text }) };
}

/** Without a type it is taken for JSON. */
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

/** How deep brackets are nested in a text, those in quotes aside. */
function depthOf(text: string, opening: string, closing: string): number {
  let depth = 0;
  let most = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (quoted && sign === "\\") at++;
    else if (sign === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (opening.includes(sign)) most = Math.max(most, ++depth);
    else if (closing.includes(sign)) depth--;
  }
  return most;
}
