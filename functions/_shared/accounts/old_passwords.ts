import bcrypt from "bcryptjs";
import { adoptPassword, type OldPassword } from "../db/db.ts";
import { FairQueue } from "../db/fair_queue.ts";
import { matchesDjangoHash, readDjangoHash } from "./django_hash.ts";

/** As Auth itself. */
const BCRYPT_COST = 10;
/** Of longer ones bcrypt reads the first 72 bytes only, and Auth refuses them. */
const MAX_BYTES = 72;

/** Checks take some tenths of a second of a processor: two at once, and one for each address. */
const checks = new FairQueue<object>(
  { size: 2, guaranteed: 1, most: 1, visitors: 2, maxWaiting: 4, timeoutMs: 5000 },
  () => ({}),
);

/**
 * Gives Auth the password of an imported account, if it is the right one. From then on Auth checks it, and the hash is gone.
 * @returns whether it is.
 * @throws ApiError 429 or 503 when too many are being checked.
 */
export async function adoptOldPassword(old: OldPassword, password: string, address?: string): Promise<boolean> {
  if (!await matchesOldPassword(old.hash, password, address)) return false;
  await adoptPassword(old, await bcrypt.hash(password, BCRYPT_COST));
  return true;
}

/**
 * Whether a password matches a hash of Django.
 * @throws ApiError 429 or 503 when too many are being checked.
 */
export async function matchesOldPassword(stored: string, password: string, address = "unknown address") {
  const hash = readDjangoHash(stored);
  if (!hash || hash.kind === "auth") return false;
  const isRight = await checks.use({ key: address, isVisitor: true }, () => matchesDjangoHash(password, hash));
  return isRight && new TextEncoder().encode(password).length <= MAX_BYTES;
}
