import { createHash, scrypt, timingSafeEqual } from "node:crypto";
import bcrypt from "bcryptjs";

/** A password as Django has stored it. */
export type DjangoHash =
  | { kind: "pbkdf2"; digest: "SHA-1" | "SHA-256"; rounds: number; salt: Uint8Array<ArrayBuffer>; hash: Uint8Array }
  | { kind: "scrypt"; work: number; blocks: number; lanes: number; salt: Uint8Array<ArrayBuffer>; hash: Uint8Array }
  | { kind: "bcrypt_sha256"; hash: string }
  /** One that Auth checks itself, in the form in which Auth stores it. */
  | { kind: "auth"; hash: string };

/** What a hash may cost to check: a few times what Django asks for, so that a forged one stops no worker. */
const MAX_ROUNDS = 5_000_000;
const MAX_SCRYPT_BYTES = 2 ** 26;
const MAX_SCRYPT_LANES = 16;
const MAX_BCRYPT_COST = 14;
const MAX_ARGON2_KIB = 2 ** 18;
const MAX_ARGON2_TIMES_LANES = 64;
const MAX_HASH_BYTES = 128;

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
const ARGON2 = /^\$argon2id?\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/;

/** Reads a password of Django's table of users; undefined for a kind that is not known, is malformed or costs too much. */
export function readDjangoHash(text: string): DjangoHash | undefined {
  const [algorithm = "", ...rest] = text.split("$");
  const stored = text.slice(algorithm.length + 1);
  switch (algorithm) {
    case "pbkdf2_sha256":
      return pbkdf2("SHA-256", rest);
    case "pbkdf2_sha1":
      return pbkdf2("SHA-1", rest);
    case "scrypt":
      return scryptHash(rest);
    case "bcrypt_sha256":
      return isModestBcrypt(stored) ? { kind: "bcrypt_sha256", hash: stored } : undefined;
    case "bcrypt":
      return isModestBcrypt(stored) ? { kind: "auth", hash: stored } : undefined;
    case "argon2":
      return isModestArgon2(`$${stored}`) ? { kind: "auth", hash: `$${stored}` } : undefined;
  }
}

/** Whether a password matches a hash that Auth cannot check. Does not block other requests. */
export async function matchesDjangoHash(password: string, hash: Exclude<DjangoHash, { kind: "auth" }>) {
  switch (hash.kind) {
    case "pbkdf2":
      return timingSafeEqual(await derivedByPbkdf2(password, hash), hash.hash);
    case "scrypt":
      return timingSafeEqual(await derivedByScrypt(password, hash), hash.hash);
    case "bcrypt_sha256":
      return await bcrypt.compare(createHash("sha256").update(password).digest("hex"), hash.hash);
  }
}

function pbkdf2(digest: "SHA-1" | "SHA-256", [rounds = "", salt = "", hash = ""]: string[]): DjangoHash | undefined {
  const count = whole(rounds, MAX_ROUNDS);
  const decoded = fromBase64(hash);
  if (!count || !salt || !decoded) return undefined;
  return { kind: "pbkdf2", digest, rounds: count, salt: bytes(salt), hash: decoded };
}

function scryptHash([work = "", salt = "", blocks = "", lanes = "", hash = ""]: string[]): DjangoHash | undefined {
  const [n, r, p] = [whole(work, 2 ** 20), whole(blocks, 64), whole(lanes, MAX_SCRYPT_LANES)];
  const decoded = fromBase64(hash);
  if (!n || !r || !p || !salt || !decoded) return undefined;
  const isPowerOfTwo = n > 1 && (n & (n - 1)) === 0;
  if (!isPowerOfTwo || scryptBytes(n, r, p) > MAX_SCRYPT_BYTES) return undefined;
  return { kind: "scrypt", work: n, blocks: r, lanes: p, salt: bytes(salt), hash: decoded };
}

const scryptBytes = (work: number, blocks: number, lanes: number) => 128 * blocks * (work + lanes + 2);

function isModestBcrypt(hash: string): boolean {
  const cost = Number(BCRYPT.exec(hash)?.[1]);
  return cost >= 4 && cost <= MAX_BCRYPT_COST;
}

function isModestArgon2(hash: string): boolean {
  const [, memory, times, lanes] = (ARGON2.exec(hash) ?? []).map(Number);
  if (!memory || !times || !lanes || lanes > 16 || times > 20) return false;
  return memory <= MAX_ARGON2_KIB && times * lanes <= MAX_ARGON2_TIMES_LANES;
}

type Pbkdf2 = Extract<DjangoHash, { kind: "pbkdf2" }>;
type Scrypt = Extract<DjangoHash, { kind: "scrypt" }>;

async function derivedByPbkdf2(password: string, { digest, rounds, salt, hash }: Pbkdf2): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", bytes(password), "PBKDF2", false, ["deriveBits"]);
  const parameters = { name: "PBKDF2", hash: digest, salt, iterations: rounds };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, hash.length * 8));
}

function derivedByScrypt(password: string, { work, blocks, lanes, salt, hash }: Scrypt): Promise<Uint8Array> {
  const options = { N: work, r: blocks, p: lanes, maxmem: 2 * MAX_SCRYPT_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, hash.length, options, (error, derived) => error ? reject(error) : resolve(derived));
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

function whole(digits: string, most: number): number | undefined {
  const number = /^\d{1,9}$/.test(digits) ? Number(digits) : 0;
  return number > 0 && number <= most ? number : undefined;
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    const decoded = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return decoded.length >= 16 && decoded.length <= MAX_HASH_BYTES ? decoded : undefined;
  } catch {
    return undefined;
  }
}
