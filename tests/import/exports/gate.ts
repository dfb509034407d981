import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const UPLOAD = "/storage/v1/object/chat-files/";

type Failure = (response: ServerResponse, forward: () => Promise<Response>) => unknown;

/** How an upload may fail for a while. */
export const FAILURES = {
  withPage: (response) => response.writeHead(502).end("<html>"),
  withStatusInBody: (response) => response.writeHead(400).end('{ "statusCode": "503", "message": "busy" }'),
  withoutAnswer: (response) => response.destroy(),
  afterIt: async (response, forward) => {
    await forward();
    response.destroy();
  },
} satisfies Record<string, Failure>;

/** A proxy of Storage that lets some uploads through, after failures, and holds all others until it is opened. */
export async function storageGate(target: string, uploads: number, failures: Failure[] = []) {
  const passed: string[] = [];
  let isOpen = false;
  const coming = [...failures];
  const server = createServer(async (request, response) => {
    if (!isOpen && passed.length >= uploads) return;
    const chunks: Uint8Array[] = [];
    const failure = coming.shift();
    if (!failure) passed.push(request.url!.slice(UPLOAD.length));
    for await (const chunk of request) chunks.push(chunk);
    const { host: _, "transfer-encoding": __, connection: ___, ...headers } = request.headers;
    const forward = () =>
      fetch(`${target}${request.url}`, {
        method: request.method,
        headers: headers as Record<string, string>,
        body: Buffer.concat(chunks),
      });
    if (failure) return await failure(response, forward);
    const answer = await forward();
    response.writeHead(answer.status, { "Content-Type": "application/json" }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The paths of the uploads that have passed. */
    paths: () => [...passed],
    /** How many failures have not come yet. */
    left: () => coming.length,
    open: () => isOpen = true,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
