import { createParser, type EventSourceMessage } from "eventsource-parser";
import { type Delta, meaningOf, read, ReportedError, WithoutThoughts } from "./dialects.ts";

/** The model was cut off: it reached the token limit, or a filter removed the rest. */
export class CutShort extends Error {
  constructor(readonly reason: "length" | "content_filter") {
    super(reason);
  }
}

/** How long to read after the model has ended: some endpoints never close the connection. */
const GRACE_MS = 2000;
/** The longest event, or JSON text, that is read. */
const MAX_EVENT_LENGTH = 4 * 1024 * 1024;
/** The reason of an answer that has ended without one. */
const DONE = "done";

/** Who reads an answer. */
interface Reader {
  /** Ends the reading. */
  signal: AbortSignal;
  /** Called for each chunk of the response. */
  onSign: () => void;
  onUsage: (usage: unknown) => void;
}

/**
 * The parts of a reply from the answer of an endpoint: a stream of events or one JSON text, whatever its type says.
 * @throws CutShort, ReportedError, SyntaxError; Error for a stream that ends before the reply does.
 */
export async function* partsOf(response: Response, reader: Reader): AsyncGenerator<string> {
  const reply = new WithoutThoughts();
  let reason: string | undefined;
  for await (const delta of piecesOf(response, reader, () => reason !== undefined)) {
    if (delta.usage) reader.onUsage(delta.usage);
    const part = reply.add(delta.text);
    if (part) yield part;
    if (delta.reason) reason = delta.reason === DONE ? reason ?? DONE : delta.reason;
  }
  const rest = reply.end();
  if (rest) yield rest;
  if (reason === undefined) throw new Error("The stream ended before the reply did.");
  const meaning = meaningOf(reason);
  if (meaning === "failure") throw new ReportedError();
  if (meaning) throw new CutShort(meaning);
}

/** What an answer says, piece by piece; once the model has ended, whatever goes wrong is no matter. */
async function* piecesOf(response: Response, reader: Reader, hasEnded: () => boolean): AsyncGenerator<Delta> {
  try {
    for await (const piece of rawPieces(texts(response, reader, hasEnded))) {
      if (piece === DONE) return yield { text: "", reason: DONE };
      yield read(JSON.parse(piece));
    }
  } catch (error) {
    if (!hasEnded()) throw error;
  }
}

/** The data of the events of a stream, or the JSON text that came instead; `DONE` at the end that the protocol names. */
async function* rawPieces(parts: AsyncIterable<string>): AsyncGenerator<string> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event), maxBufferSize: MAX_EVENT_LENGTH });
  let beginning = "";
  let isJson: boolean | undefined;
  for await (const part of parts) {
    if (isJson === undefined || isJson) {
      beginning += part;
      if (beginning.length > MAX_EVENT_LENGTH) throw new Error("The answer is too long.");
      if (!beginning.trim()) continue;
      isJson = /^\s*[{[]/.test(beginning);
      if (isJson) continue;
      parser.feed(beginning);
    } else parser.feed(part);
    yield* dataOf(events);
  }
  if (isJson) {
    yield beginning;
    yield DONE;
  }
  // The last event may lack its empty line.
  parser.feed("\n\n");
  yield* dataOf(events);
}

function* dataOf(events: EventSourceMessage[]): Generator<string> {
  for (const { event, data } of events.splice(0)) {
    if (event === "error") throw new ReportedError();
    if (data.trim() === "[DONE]") yield DONE;
    else if (data.trim()) yield data;
  }
}

/** The text of an answer as it comes; after the end of the reply, no longer than a moment. */
async function* texts(
  response: Response,
  { signal, onSign }: Reader,
  hasEnded: () => boolean,
): AsyncGenerator<string> {
  const body = (response.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream()).getReader();
  const cancel = () => void body.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      const timer = hasEnded() ? setTimeout(cancel, GRACE_MS) : undefined;
      const { value, done } = await body.read();
      clearTimeout(timer);
      if (done) return;
      onSign();
      yield value;
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}
