import OpenAI, { APIConnectionError, APIError } from "openai";
import type { Turn } from "./context.sql.ts";
import type { Responder } from "./responder.ts";

/** The model was made to end here: it reached the most that it may say, or a filter took the rest away. */
export class CutShort extends Error {}

/** An OpenAI-compatible API. */
export interface Endpoint {
  url: string;
  key?: string;
  model: string;
  /** Milliseconds that it may be silent. */
  timeout: number;
}

/** Replies of a model behind an OpenAI-compatible API; what is refused with 429 or 5xx is asked once more. */
export function endpoint({ url, key, model, timeout }: Endpoint): Responder {
  return {
    name: model,
    async *respond(turns, signal) {
      const patience = new Patience(timeout, signal);
      try {
        yield* parts(open(url, key, timeout), { model, messages: turns.map(asMessage) }, patience);
      } catch (error) {
        patience.signal.throwIfAborted();
        throw error;
      } finally {
        patience.end();
      }
      // The library ends its loop quietly when it is aborted.
      patience.signal.throwIfAborted();
    },
  };
}

type Question = Omit<OpenAI.Chat.ChatCompletionCreateParamsStreaming, "stream">;

async function* parts(client: OpenAI, question: Question, patience: Patience): AsyncGenerator<string> {
  const { signal } = patience;
  const stream = await client.chat.completions.create({ ...question, stream: true }, { signal });
  let reason: string | undefined;
  for await (const { choices } of stream) {
    patience.renew();
    const { delta, finish_reason } = choices?.[0] ?? {};
    const part = delta?.content ?? delta?.refusal;
    if (typeof part === "string" && part) yield part;
    reason = finish_reason || reason;
  }
  if (reason === "length" || reason === "content_filter") throw new CutShort();
  if (!reason && !signal.aborted) throw new Error("The stream ended before the reply did.");
}

const asMessage = ({ role, content }: Turn) => ({ role, content });

function open(baseURL: string, key: string | undefined, timeout: number): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey: key ?? "none",
    // No header for endpoints without a key; nothing that the environment says for another purpose.
    defaultHeaders: key ? {} : { Authorization: null },
    organization: null,
    project: null,
    maxRetries: 1,
    // Patience ends first, and is not asked twice.
    timeout: timeout + 5000,
    logLevel: "off",
    // The operator named this address: neither key nor conversation go anywhere else.
    fetchOptions: { redirect: "error" },
  });
}

/** Aborts when nothing has come for a while, or when another signal does. */
class Patience {
  readonly #silent = new AbortController();
  readonly signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout>;

  constructor(readonly timeout: number, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#silent.signal]);
    this.#timer = this.#start();
  }

  /** Something came: waiting begins anew. */
  renew(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start = () => setTimeout(() => this.#silent.abort(new Error("It was silent for too long.")), this.timeout);
}

/** What may be logged of a failure: what an endpoint says in its errors may hold parts of the key. */
export function describeFailure(error: unknown): string {
  if (error instanceof APIConnectionError) return `it cannot be reached: ${reason(error.cause)}`;
  if (error instanceof APIError) {
    return error.status ? `it answered ${error.status}` : "it told of an error in its reply";
  }
  return error instanceof SyntaxError ? "what it sent is no JSON" : reason(error);
}

const reason = (error: unknown) => String(error).replace(/https?:[^\s)]+/g, "(its address)");
