import OpenAI, { APIConnectionError, APIError } from "openai";
import type { Turn } from "./context.sql.ts";
import { ReportedError } from "./dialects.ts";
import type { Responder } from "./responder.ts";
import { partsOf } from "./response_stream.ts";

/** An OpenAI-compatible API. */
export interface Endpoint {
  url: string;
  key?: string;
  model: string;
  /** How long it may stay silent, in milliseconds. */
  timeout: number;
  /** How many tokens a reply may have. */
  maxTokens: number;
}

/** A model behind an OpenAI-compatible API. A request that is refused with 429 or 5xx is retried once. */
export function endpoint({ url, key, model, timeout, maxTokens }: Endpoint): Responder {
  return {
    name: model,
    async *respond(turns, signal, onUsage = () => {}) {
      const idle = new IdleTimeout(timeout, signal);
      const reader = { signal: idle.signal, onSign: () => idle.renew(), onUsage };
      try {
        const client = open(url, key, timeout);
        const question = { model, messages: turns.map(({ role, content }) => ({ role, content })) };
        const shape = knownShapes.get(`${url} ${model}`) ?? defaultShape;
        yield* partsOf(await ask(client, url, question, maxTokens, shape, idle.signal), reader);
      } catch (error) {
        idle.signal.throwIfAborted();
        throw error;
      } finally {
        idle.end();
      }
      // An aborted read ends without an error.
      idle.signal.throwIfAborted();
    },
  };
}

/** The form in which an endpoint takes requests for a model. */
interface RequestShape {
  stream: boolean;
  limit: "max_tokens" | "max_completion_tokens" | "none";
}

const defaultShape: RequestShape = { stream: true, limit: "max_tokens" };
/** The shapes that endpoints have accepted. */
const knownShapes = new Map<string, RequestShape>();

interface Question {
  model: string;
  messages: Turn[];
}

/** Sends a request, and another of a different shape when the endpoint refuses a setting of it. */
async function ask(
  client: OpenAI,
  url: string,
  question: Question,
  maxTokens: number,
  shape: RequestShape,
  signal: AbortSignal,
): Promise<Response> {
  const limit = shape.limit === "none" ? {} : { [shape.limit]: maxTokens };
  try {
    const body = { ...question, stream: shape.stream, ...limit };
    const response = await client.chat.completions.create(body, { signal }).asResponse();
    if (shape !== defaultShape) knownShapes.set(`${url} ${question.model}`, shape);
    return response;
  } catch (error) {
    const other = otherShape(error, shape);
    if (!other) throw error;
    return await ask(client, url, question, maxTokens, other, signal);
  }
}

/** The shape to try after a refusal; undefined when it is about something else. Each setting is given up once. */
function otherShape(error: unknown, shape: RequestShape): RequestShape | undefined {
  if (!(error instanceof APIError) || error.status !== 400 && error.status !== 422) return undefined;
  const words = `${error.param} ${error.message}`;
  if (shape.limit === "max_tokens" && /max_completion_tokens/.test(words)) {
    return { ...shape, limit: "max_completion_tokens" };
  }
  if (shape.limit !== "none" && /max_(completion_)?tokens/.test(words)) return { ...shape, limit: "none" };
  if (shape.stream && /\bstream/i.test(words)) return { ...shape, stream: false };
  return undefined;
}

function open(baseURL: string, key: string | undefined, timeout: number): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey: key ?? "none",
    // No header for endpoints without a key; nothing that the environment says for another purpose.
    defaultHeaders: key ? {} : { Authorization: null },
    organization: null,
    project: null,
    maxRetries: 1,
    // The idle timeout ends first, and is not asked twice.
    timeout: timeout + 5000,
    logLevel: "off",
    // The key and the conversation go only to the operator's address.
    fetchOptions: { redirect: "error" },
  });
}

/** Aborts when the endpoint is silent for too long, or when another signal aborts. */
class IdleTimeout {
  readonly #silent = new AbortController();
  readonly signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout>;

  constructor(readonly timeout: number, signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#silent.signal]);
    this.#timer = this.#start();
  }

  /** Restarts the timer. */
  renew(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start = () => setTimeout(() => this.#silent.abort(new Error("It was silent for too long.")), this.timeout);
}

/** A description of a failure for the log. The endpoint's own message may contain parts of the key. */
export function describeFailure(error: unknown): string {
  if (error instanceof APIConnectionError) return `it cannot be reached: ${reason(error.cause)}`;
  if (error instanceof APIError) return `it answered ${error.status}`;
  if (error instanceof ReportedError) return error.message;
  return error instanceof SyntaxError ? "what it sent is not as expected" : reason(error);
}

const reason = (error: unknown) => String(error).replace(/https?:[^\s)]+/g, "(its address)");
