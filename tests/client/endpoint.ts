import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a slow assistant replies, word by word. */
export const WORDS = Array.from({ length: 60 }, (_, n) => `word${n} `);
const PAUSE_MS = 40;

/** An OpenAI-compatible endpoint: slow, and it breaks off, refuses or stalls on request. */
export async function startEndpoint() {
  const asked = new Set<string>();
  const isFirst = (question: string) => asked.size < asked.add(question).size;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { messages } = JSON.parse(Buffer.concat(chunks).toString());
    const question: string = messages.at(-1).content;
    const once = isFirst(question);
    if (question.startsWith("Refuse once") && once) {
      response.writeHead(400, { "content-type": "application/json" });
      return response.end(`{"error": {"message": "No."}}`);
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const [index, content] of WORDS.entries()) {
      if (question.startsWith("Break off") && index === 5) return response.destroy();
      if (question.startsWith("Stall once") && once && index === 20) return;
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
      await sleep(PAUSE_MS);
      if (response.destroyed) return;
    }
    const end = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
    response.end(`data: ${JSON.stringify(end)}\n\ndata: [DONE]\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
