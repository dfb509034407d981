/** An event of a stream; a comment has no name. */
export interface Event {
  event: string;
  // deno-lint-ignore no-explicit-any
  data: any;
  /** Only events at which a client can resume have one. */
  id?: string;
}

/** Reads server-sent events as they come. Throws when the response is not a stream. */
export async function* eventsOf(response: Response): AsyncGenerator<Event> {
  const type = response.headers.get("Content-Type");
  if (type !== "text/event-stream") throw new Error(`${response.status} ${type}: ${await response.text()}`);
  let text = "";
  for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
    text += bytes;
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) yield parse(block);
  }
  if (text) throw new Error(`The stream ended within an event: ${text}`);
}

function parse(block: string): Event {
  if (block.startsWith(":")) return { event: "", data: block.slice(1).trim() };
  const [, event, data, id] = /^event: (\S+)\ndata: (.+?)(?:\nid: (\S+))?$/.exec(block)!;
  return { event: event!, data: JSON.parse(data!), ...(id && { id }) };
}

/** All events, without their ids. */
export async function collect(events: AsyncIterable<Event>): Promise<Event[]> {
  const all = [];
  for await (const { event, data } of events) all.push({ event, data });
  return all;
}
