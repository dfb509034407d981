/** Why a reply is not complete. */
export type Reason =
  | "cancelled"
  | "responder_failed"
  | "worker_ended"
  | "worker_lost"
  | "length"
  | "content_filter";

/** How a reply ended; `gone` when its conversation was deleted. */
export interface Ended {
  state: "complete" | "partial" | "failed" | "gone";
  reason: Reason | null;
  /** The text that is stored as a message; null when nothing came. */
  response: string | null;
  metadata: Record<string, unknown>;
}

/** A part of a reply, and how many characters there are up to its end. */
export interface Part {
  text: string;
  position: number;
}

/** The text of a reply as it comes, for any number of readers, each from a position of their own. */
export class Feed {
  /** How the reply ended; rejects when that cannot be read. */
  readonly ended: Promise<Ended>;
  readonly #parts: Part[] = [];
  readonly #waiting = new Set<() => void>();
  #length = 0;
  #isOver = false;
  #resolve!: (ended: Ended) => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Readers do not have to await the end.
    this.ended.catch(() => {});
  }

  /** How many characters have come. */
  get length(): number {
    return this.#length;
  }

  add(text: string): void {
    if (!text) return;
    this.#length += [...text].length;
    this.#parts.push({ text, position: this.#length });
    this.#wake();
  }

  /** Ends the feed, with the rest of the text where it was read elsewhere. */
  end(ended: Ended): void {
    if (ended.response) this.add([...ended.response].slice(this.#length).join(""));
    this.#isOver = true;
    this.#resolve(ended);
    this.#wake();
  }

  fail(error: unknown): void {
    this.#isOver = true;
    this.#reject(error);
    this.#wake();
  }

  /** The parts after a position, until the end or until `gone` aborts. */
  async *from(position: number, gone: AbortSignal): AsyncGenerator<Part> {
    for (let index = 0; !gone.aborted;) {
      const part = this.#parts[index];
      if (part) {
        index++;
        const text = after(position, part);
        if (text) yield { text, position: part.position };
      } else if (this.#isOver) return;
      else await this.#next(gone);
    }
  }

  #next(gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        gone.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      gone.addEventListener("abort", wake);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** What of a part is after a position. */
function after(position: number, part: Part): string {
  const missing = part.position - position;
  if (missing <= 0) return "";
  const characters = [...part.text];
  return missing >= characters.length ? part.text : characters.slice(-missing).join("");
}
