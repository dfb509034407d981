import { CliError } from "../terminal.ts";

/** An answer of the project. */
export interface Reply {
  status: number;
  headers: Headers;
  /** Parsed, where it is JSON. */
  body: unknown;
}

export interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Another key than the publishable one; null sends none. */
  key?: string | null;
}

const TIMEOUT_MS = 15_000;

/** A running project, by its URL and its publishable key. */
export class ProjectApi {
  constructor(readonly url: URL, readonly key: string, readonly secretKey: string | undefined) {}

  /** @throws CliError when nothing answers. */
  async call(path: string, { method = "GET", headers = {}, body, key = this.key }: Call = {}): Promise<Reply> {
    try {
      const response = await fetch(new URL(path.replace(/^\//, ""), this.url), {
        method,
        headers: { ...(key === null ? {} : { apikey: key }), ...headers },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: parsed(text) };
    } catch (error) {
      const { cause, message } = error as Error & { cause?: Error };
      throw new CliError(`${this.url.origin} does not answer: ${cause?.message || message}.`);
    }
  }

  /** Calls the Data API in schema `chat`. */
  data(path: string, call: Call = {}): Promise<Reply> {
    const headers = { "Accept-Profile": "chat", "Content-Profile": "chat", "Content-Type": "application/json" };
    return this.call(`rest/v1/${path}`, { ...call, headers });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A field of a body that may be anything. */
export function field(body: unknown, ...names: string[]): unknown {
  return names.reduce<unknown>(
    (value, name) => typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined,
    body,
  );
}
