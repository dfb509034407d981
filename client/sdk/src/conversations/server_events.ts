/** An event of a `text/event-stream`. */
export interface ServerEvent {
  event: string;
  data: Record<string, unknown>;
  /** Used to resume after this event. */
  id?: string;
}

/** The server sends something every 15 seconds. */
const SILENCE_TIMEOUT_MS = 45_000;

/** Yields the events of a response as they arrive. Leaving the loop cancels the request. */
export async function* serverEvents(response: Response): AsyncGenerator<ServerEvent, void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let text = "";;) {
      const { value, done } = await within(SILENCE_TIMEOUT_MS, reader.read());
      if (done) return;
      const blocks = (text + value).split(/\r?\n\r?\n/);
      text = blocks.pop()!;
      for (const block of blocks) {
        const event = parse(block);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** @returns undefined for a comment, which only keeps the connection open */
function parse(block: string): ServerEvent | undefined {
  const fields = block.split(/\r?\n/).map((line) => /^(\w+): ?(.*)$/.exec(line));
  const values = (name: string) => fields.flatMap((field) => field?.[1] === name ? field[2]! : []);
  const data = values("data").join("\n");
  if (!data) return undefined;
  const [id] = values("id");
  return { event: values("event")[0] ?? "message", data: JSON.parse(data), ...(id && { id }) };
}

/** @throws Error if the work takes longer */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Silent for ${ms} ms.`)), ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
