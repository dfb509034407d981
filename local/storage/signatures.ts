import { errors, jwtVerify, SignJWT } from "jose";
import type { Keys } from "../base/keys.ts";
import { invalidJwt, invalidSignature } from "./errors.ts";

/** What a signed URL allows: to read one object, or to upload it. */
export type Grant =
  & { url: string }
  & ({ scope: "download" } | { scope: "upload"; owner: string | undefined; upsert: boolean });

type Scope = Grant["scope"];
type Verified<S extends Scope> = Extract<Grant, { scope: S }> & { exp: number };

/** Signs URLs with the secret that signs access tokens, as the platform does; a token says what it is for. */
export class Signatures {
  readonly #secret: Uint8Array;

  constructor({ jwt_secret }: Keys) {
    this.#secret = new TextEncoder().encode(jwt_secret);
  }

  sign(grant: Grant, seconds: number): Promise<string> {
    return new SignJWT(grant)
      .setProtectedHeader({ alg: "HS256" })
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(this.#secret);
  }

  /** @throws StorageError when the token does not allow that for the object at `url`. */
  async verify<S extends Scope>(token: string, url: string, scope: S): Promise<Verified<S>> {
    const payload = await this.#payload(token);
    if (payload.scope !== scope) throw invalidSignature(`Token is not scoped for ${scope}`);
    if (payload.url !== url) throw invalidSignature();
    return payload as unknown as Verified<S>;
  }

  async #payload(token: string): Promise<Record<string, unknown>> {
    try {
      return (await jwtVerify(token, this.#secret, { algorithms: ["HS256"] })).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw invalidJwt(error.message);
      throw error;
    }
  }
}
