import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A proxy of Storage that lets some uploads through, and holds all others until it is opened. */
export async function storageGate(target: string, uploads: number) {
  let [passed, isOpen] = [0, false];
  const server = createServer(async (request, response) => {
    if (!isOpen && passed >= uploads) return;
    passed++;
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { host: _, "transfer-encoding": __, connection: ___, ...headers } = request.headers;
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method,
      headers: headers as Record<string, string>,
      body: Buffer.concat(chunks),
    });
    response.writeHead(answer.status, { "Content-Type": "application/json" }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** How many uploads have passed. */
    passed: () => passed,
    open: () => isOpen = true,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
