import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { REPLY } from "./content.ts";

/** An endpoint of chat completions that writes most of a reply and never ends: so it looks while it streams. */
export async function startAssistant(): Promise<{ url: string; stop: () => void }> {
  const server = createServer((request, response) => void request.resume().on("end", () => write(response)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return { url, stop: () => void (server.close(), server.closeAllConnections()) };
}

function write(response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  const delta = { role: "assistant", content: REPLY };
  const chunk = { object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: null }] };
  response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}
