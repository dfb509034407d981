import { Agent, type IncomingHttpHeaders, request } from "node:http";

/** A request with its ids filled in. */
export interface Sent {
  method: string;
  host: string;
  /** The path as sent: a URL would normalize it. */
  path: string;
  headers: [string, string][];
  body: Buffer | undefined;
}

/** The response. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  milliseconds: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 });

/** Sends a request byte for byte: `fetch` would repair or refuse much of it. */
export async function send(sent: Sent): Promise<Answer> {
  try {
    return await once(sent);
  } catch (error) {
    // A connection that the server closes while it is idle is no fault.
    if (!/ECONNRESET|EPIPE|socket hang up/.test(String(error))) throw error;
    return await once(sent);
  }
}

function once({ method, host, path, headers, body }: Sent): Promise<Answer> {
  const started = performance.now();
  const length: [string, string][] = body ? [["Content-Length", `${body.length}`]] : [];
  const flat = [["Host", host], ...headers, ...length].flat();
  return new Promise((resolve, reject) => {
    const [hostname, port] = host.split(":");
    const outgoing = request({ hostname, port, path, method, headers: flat, agent, timeout: 20_000 }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk) => chunks.push(chunk)).on("error", reject).on("end", () => {
        const { statusCode: status = 0, headers } = incoming;
        resolve({ status, headers, body: Buffer.concat(chunks), milliseconds: performance.now() - started });
      });
    });
    outgoing.on("error", reject).on("timeout", () => outgoing.destroy(new Error("No answer within 20 seconds.")));
    outgoing.end(body);
  });
}

/** A request and its response, for readers. */
export function describe({ method, path, headers, body }: Sent, answer: Answer | undefined): string {
  return [
    `${method} ${shortened(path)}`,
    ...headers.map(([name, value]) => `${name}: ${shortened(name === "Authorization" ? value.slice(0, 40) : value)}`),
    "",
    body ? shortened(body.toString()) : "(no body)",
    "",
    answer ? `answered ${answer.status} in ${answer.milliseconds.toFixed(0)} ms` : "was not answered",
    answer ? shortened(answer.body.toString()) : "",
  ].join("\n");
}

/** With invisible characters escaped, and shortened. */
function shortened(text: string): string {
  const visible = text.slice(0, 600).replace(
    /[^\x20-\x7e\p{L}\p{N}\p{Emoji}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
  return text.length > 600 ? `${visible}… (${text.length} characters)` : visible;
}
