/** An event of a `text/event-stream`. */
export interface ServerEvent {
  event: string;
  data: Record<string, unknown>;
}

/** The events of an answer as they come; leaving the loop cancels the request. */
export async function* serverEvents(response: Response): AsyncGenerator<ServerEvent, void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let text = "";;) {
      const { value, done } = await reader.read();
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

/** @returns undefined for a comment that keeps the connection open */
function parse(block: string): ServerEvent | undefined {
  const fields = block.split(/\r?\n/).map((line) => /^(\w+): ?(.*)$/.exec(line));
  const values = (name: string) => fields.flatMap((field) => field?.[1] === name ? field[2]! : []);
  const data = values("data").join("\n");
  return data ? { event: values("event")[0] ?? "message", data: JSON.parse(data) } : undefined;
}
