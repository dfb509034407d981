import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer as createProxy, type RequestListener, type Server } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The issuer that Supabase Auth asks for Google's keys, and no other. */
export const GOOGLE = "https://accounts.google.com";

/**
 * A proxy behind which a handler answers at Google's own address, with a certificate for it. Only a program that is given
 * both settings trusts it.
 */
export class GoogleAddress implements AsyncDisposable {
  #folder!: string;
  readonly #proxy: Server = createProxy();
  #google!: Server;

  constructor(readonly handler: RequestListener) {}

  /** @returns the environment variables with which a program finds it. */
  async start(): Promise<Record<string, string>> {
    this.#folder = await mkdtemp(join(tmpdir(), "parley-google-"));
    const [key, cert] = [join(this.#folder, "key.pem"), join(this.#folder, "cert.pem")];
    const subject = ["-subj", "/CN=accounts.google.com", "-addext", "subjectAltName=DNS:accounts.google.com"];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "1"];
    execFileSync("openssl", ["req", "-x509", ...kind, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
    this.#google = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, this.handler);
    const port = await listen(this.#google);
    this.#proxy.on("connect", (request, client, head) => {
      if (request.url !== "accounts.google.com:443") return client.destroy();
      const server = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        server.write(head);
        server.pipe(client).pipe(server);
      });
      for (const socket of [server, client]) socket.on("error", () => socket.destroy());
    });
    return { HTTPS_PROXY: `http://127.0.0.1:${await listen(this.#proxy)}`, SSL_CERT_FILE: cert };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#proxy, this.#google]) {
      server.closeAllConnections();
      server.close();
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
