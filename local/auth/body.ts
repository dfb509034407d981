import { AuthError, validationFailed } from "./errors.ts";

/**
 * The JSON object of a body; an empty body is an empty object.
 * @throws AuthError bad_json, validation_failed when Postgres could not store its text
 */
export async function readObject(request: Request): Promise<object> {
  const value = parse(await request.text());
  if (typeof value !== "object" || value === null) {
    throw new AuthError(400, "bad_json", "Could not parse request body as JSON");
  }
  requireStorable(value);
  return value;
}

/**
 * Rejects a body that only Postgres would reject; the reader of the body checks everything else.
 * @returns its value; undefined when it is not JSON
 * @throws AuthError validation_failed
 */
export async function checkBody(request: Request): Promise<unknown> {
  if (!request.body) return undefined;
  const value = parse(await request.clone().text());
  requireStorable(value);
  return value;
}

function parse(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Postgres stores neither NUL nor lone surrogates. Not recursive: the sender decides how deeply the value is nested. */
function requireStorable(value: unknown): void {
  const pending = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next === "string" && (!next.isWellFormed() || next.includes("\0"))) {
      throw validationFailed("Text may not contain NUL or halves of characters");
    }
    if (next !== null && typeof next === "object") { for (const entry of Object.entries(next)) pending.push(...entry); }
  }
}
