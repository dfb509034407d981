/** What a piece of an answer says, whichever dialect of the chat-completions protocol it is in. */
export interface Delta {
  text: string;
  /** Why the model ended, in the words of the endpoint. */
  reason?: string;
  usage?: unknown;
}

/** The endpoint reported an error in its response. Its message may contain parts of the key and is not kept. */
export class ReportedError extends Error {
  constructor() {
    super("it reported an error in its answer");
  }
}

interface Choice {
  index?: number;
  delta?: { content?: unknown; refusal?: unknown } | null;
  message?: { content?: unknown; refusal?: unknown } | null;
  text?: unknown;
  finish_reason?: unknown;
}

/**
 * Reads a chunk of a stream, or a whole answer. Everything but text and the end is ignored: reasoning, tool calls,
 * results of filters.
 * @throws ReportedError
 */
export function read(piece: unknown): Delta {
  if (typeof piece !== "object" || piece === null) throw new SyntaxError("An object was expected.");
  const { error, object, choices, usage } = piece as Record<string, unknown>;
  if (error || object === "error") throw new ReportedError();
  const list = Array.isArray(choices) ? choices as Choice[] : [];
  const choice = list.find((each) => !each?.index) ?? list[0];
  const { delta, message, text, finish_reason } = choice ?? {};
  const said = delta ?? message ?? { content: text };
  return {
    text: textOf(said.content) || textOf(said.refusal),
    ...(typeof finish_reason === "string" && finish_reason && { reason: finish_reason }),
    ...(usage ? { usage } : {}),
  };
}

/** The text of content, which is a string or a list of parts. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part) => {
    if (typeof part === "string") return part;
    const { type = "text", text } = (part ?? {}) as { type?: string; text?: unknown };
    return /^(output_)?text$/.test(type) && typeof text === "string" ? text : "";
  }).join("");
}

const LENGTH = /^(length|max_tokens|model_length|max_output_tokens|token_limit)$/i;
const FILTER = /^(content_filter(ed)?|safety|sensitive|recitation|prohibited_content|blocklist|spii|blocked)$/i;
const FAILURE = /error|abort|cancel|insufficient_system_resource/i;

/** What the end of a reply means: undefined for one that is whole. */
export function meaningOf(reason: string): "length" | "content_filter" | "failure" | undefined {
  if (LENGTH.test(reason)) return "length";
  if (FILTER.test(reason)) return "content_filter";
  return FAILURE.test(reason) ? "failure" : undefined;
}

const OPENING = "<think>";
const CLOSING = "</think>";

/** Removes a model's thinking, when it stands between tags at the beginning of the text. */
export class WithoutThoughts {
  #held = "";
  #state: "beginning" | "thinking" | "space" | "reply" = "beginning";

  /** Takes the next part, and returns the text of it that belongs to the reply. */
  add(part: string): string {
    if (this.#state === "reply") return part;
    this.#held += part;
    if (this.#state === "beginning") {
      const begun = this.#held.trimStart();
      if (begun.length < OPENING.length && OPENING.startsWith(begun)) return "";
      if (!begun.startsWith(OPENING)) return this.#reply(this.#held);
      this.#state = "thinking";
    }
    if (this.#state === "thinking") {
      const end = this.#held.indexOf(CLOSING);
      if (end < 0) {
        // The closing tag may come in pieces.
        this.#held = this.#held.slice(-CLOSING.length);
        return "";
      }
      this.#held = this.#held.slice(end + CLOSING.length);
      this.#state = "space";
    }
    const rest = this.#held.trimStart();
    return rest ? this.#reply(rest) : "";
  }

  /** The text that was held back. */
  end(): string {
    return this.#state === "beginning" ? this.#held : "";
  }

  #reply(text: string): string {
    this.#state = "reply";
    this.#held = "";
    return text;
  }
}
