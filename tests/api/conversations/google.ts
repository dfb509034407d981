import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { type MutableResponse, type MutableToken, OAuth2Issuer, OAuth2Service } from "oauth2-mock-server";
import { GOOGLE, GoogleAddress } from "./google_address.ts";

/** What the provider says about a user; `aud` and `iss` are its own unless given. */
export type Claims = Record<string, unknown>;

const SETTINGS = {
  GOOGLE_CLIENT_ID: "parley.apps.test",
  GOOGLE_CLIENT_SECRET: "the secret",
  GOOGLE_REDIRECT_URI: "https://app.test/signed-in",
};

/**
 * An OpenID provider in place of Google: like Google's, its codes work once, for the client that it knows.
 */
export class Google {
  /** Responds in place of the next answers, to simulate a failure. */
  fault: ((response: ServerResponse) => void) | undefined;
  /** Changes the next response. */
  spoil: ((body: Record<string, unknown>) => void) | undefined;
  /** The forms that it received. */
  readonly asked: Record<string, string>[] = [];
  readonly issuer = new OAuth2Issuer();
  readonly #service = new OAuth2Service(this.issuer);
  readonly #people = new Map<string, Claims>();
  #server!: Server;
  #address: GoogleAddress | undefined;

  /** Starts it; returns the environment variables that a stack needs to use it. */
  async start(): Promise<Record<string, string>> {
    await this.issuer.keys.generate("RS256");
    this.#service.on("beforeTokenSigning", ({ payload }: MutableToken, { body }: { body: { code: string } }) => {
      Object.assign(payload, this.#people.get(body.code));
    });
    this.#service.on("beforeResponse", (response: MutableResponse, request: { body: Record<string, string> }) => {
      this.#answer(response, request.body);
    });
    this.#server = createServer((request, response) => {
      const isExchange = request.url === "/token";
      if (isExchange && this.fault) this.fault(response);
      else this.#service.requestHandler(request, response);
    });
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.issuer.url = url;
    const variables = {
      ...SETTINGS,
      GOOGLE_TOKEN_URL: `${url}/token`,
      PARLEY_GOOGLE_ISSUER: url,
      PARLEY_GOOGLE_JWKS_URL: `${url}/jwks`,
    };
    if (!process.env.PARLEY_AUTH) return variables;
    // Auth itself, unlike lite, trusts nobody but Google.
    this.issuer.url = GOOGLE;
    this.#address = new GoogleAddress(this.#service.requestHandler);
    return { ...variables, ...await this.#address.start() };
  }

  /** A code for a user who agreed to log in. */
  code(claims: Claims): string {
    const code = `4/0A-${crypto.randomUUID()}`;
    this.#people.set(code, claims);
    return code;
  }

  async stop(): Promise<void> {
    await this.#address?.[Symbol.asyncDispose]();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(response: MutableResponse, form: Record<string, string>): void {
    this.asked.push({ ...form });
    const { code, client_id, client_secret, redirect_uri } = form;
    const isKnown = this.#people.delete(code!);
    if (client_id !== SETTINGS.GOOGLE_CLIENT_ID || client_secret !== SETTINGS.GOOGLE_CLIENT_SECRET) {
      Object.assign(response, { statusCode: 401, body: { error: "invalid_client" } });
    } else if (redirect_uri !== SETTINGS.GOOGLE_REDIRECT_URI) {
      Object.assign(response, { statusCode: 400, body: { error: "redirect_uri_mismatch" } });
    } else if (!isKnown) {
      Object.assign(response, { statusCode: 400, body: { error: "invalid_grant", error_description: "Bad Request" } });
    } else this.spoil?.(response.body as Record<string, unknown>);
  }
}
