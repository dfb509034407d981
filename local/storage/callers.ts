import { errors, jwtVerify } from "jose";
import type { Keys } from "../base/keys.ts";
import { accessDenied, StorageError } from "./errors.ts";

/** Who asks, as the database sees it. */
export interface Caller {
  role: string;
  /** The id of the person, who becomes the owner of what they upload. */
  owner: string | undefined;
  claims: Record<string, unknown>;
  token: string;
}

const SERVICE: Caller = { role: "service_role", owner: undefined, claims: { role: "service_role" }, token: "" };

/** Storage itself, which no policy holds. */
export const service = (): Caller => SERVICE;

/** Reads who asks from the headers of requests. */
export class Callers {
  readonly #secret: Uint8Array;

  constructor(readonly keys: Keys) {
    this.#secret = new TextEncoder().encode(keys.jwt_secret);
  }

  /** @throws StorageError when the token is missing or invalid. */
  async of({ headers }: Request): Promise<Caller> {
    const token = this.#token(headers);
    try {
      const { payload } = await jwtVerify(token, this.#secret, { algorithms: ["HS256", "HS384", "HS512"] });
      const role = typeof payload.role === "string" ? payload.role : "anon";
      return { role, owner: payload.sub, claims: payload, token };
    } catch (error) {
      if (error instanceof errors.JOSEError) throw accessDenied(error.message);
      throw error;
    }
  }

  /** As `of`, but undefined for a token that is missing or invalid. */
  maybe(request: Request): Promise<Caller | undefined> {
    return this.of(request).catch((error) => {
      if (error instanceof StorageError) return undefined;
      throw error;
    });
  }

  /** As the platform's gateway: a key takes the place of a missing token, and of one that is a key itself. */
  #token(headers: Headers): string {
    const { publishable_key, secret_key, anon_key, service_role_key } = this.keys;
    const legacy: Record<string, string> = { [publishable_key]: anon_key, [secret_key]: service_role_key };
    const bearer = (headers.get("authorization") ?? "").replace(/^Bearer\s+/i, "");
    if (bearer !== "" && !bearer.startsWith("sb_")) return bearer;
    const key = headers.get("apikey") ?? bearer;
    return legacy[key] ?? key;
  }
}
