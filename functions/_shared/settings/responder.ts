/** The settings of the responder, each read when it is asked for. */
export const settings = {
  /** The base of an OpenAI-compatible API, such as `http://127.0.0.1:11434/v1`; without it replies are made offline. */
  url: () => Deno.env.get("RESPONDER_URL")?.replace(/(\/chat\/completions)?\/*$/, "") || undefined,
  /** Endpoints of one's own may need none. */
  key: () => Deno.env.get("RESPONDER_KEY") || undefined,
  model: () => required("RESPONDER_MODEL"),
  /** Milliseconds that it may be silent, before its first word and between two. */
  timeout: () => number("RESPONDER_TIMEOUT", 60) * 1000,
  /** How much of the conversation it is given, the question included, see context.sql.ts. */
  contextTokens: () => number("RESPONDER_CONTEXT_TOKENS", 8000),
  /** How many tokens a reply may have. */
  maxTokens: () => number("RESPONDER_MAX_TOKENS", 4096),
};

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`The setting ${name} is missing.`);
  return value;
}

function number(name: string, otherwise: number): number {
  const value = Number(Deno.env.get(name) || otherwise);
  if (value > 0) return value;
  throw new Error(`The setting ${name} takes a number above zero.`);
}
