import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const FOLDER = join("client", "web", "dist");
const TYPES: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

const PAGES: Record<string, string> = { "/": "/index.html", "/admin": "/admin.html" };

/** Serves the built chat page as any static host may, with the `config.json` and the policy that its README names. */
export async function servePage(url: string, key: string) {
  const policy = [
    "default-src 'none'; script-src 'self'; style-src 'self'",
    `img-src 'self' blob: ${url}; media-src 'self' blob: ${url}`,
    `connect-src 'self' ${url} ${url.replace("http", "ws")}`,
  ].join("; ");
  const read = (path: string) =>
    path === "/config.json" ? Promise.resolve(JSON.stringify({ url, key })) : readFile(join(FOLDER, path));
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, "http://localhost");
    const path = PAGES[pathname] ?? pathname;
    try {
      const content = await read(path);
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "Content-Security-Policy": policy, "Content-Type": type }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => server.closeAllConnections(),
  };
}
