import { createHash } from "node:crypto";
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Sql } from "../db/db.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The field of a body that says which write this is. */
export const clientIdField = () =>
  z.guid().nullable().optional().openapi({
    description: "Makes the request safe to retry: the same id creates one item.",
  });

/** The header that says the same. */
export const idempotencyHeaders = z.object({ "Idempotency-Key": z.string().optional() });

/**
 * The client id of a write: the one in the body, or the header `Idempotency-Key`, of which one that is no uuid becomes
 * the uuid (version 5) of its text under the sender's.
 */
export function clientId(c: Context, inBody: string | null | undefined, sender: string): string | null {
  const key = c.req.header("Idempotency-Key");
  if (inBody || !key) return inBody ?? null;
  return UUID.test(key) ? key : uuidV5(sender, key);
}

/** Whether the function that a statement calls has made what it returns; if not, it was there before. */
export const isNew = (sql: Sql) => sql`(current_setting('chat.repeated', true) is distinct from 'true')`;

/** The uuid (version 5) of a name under another uuid. */
export function uuidV5(namespace: string, name: string): string {
  const hash = createHash("sha1").update(namespace.replaceAll("-", ""), "hex").update(name, "utf8").digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString("hex", 0, 16);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
