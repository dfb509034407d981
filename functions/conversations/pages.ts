import { z } from "@hono/zod-openapi";
import { cursor, limit } from "../_shared/http/pagination.ts";
import { following, type Keyset } from "../_shared/queries/keyset.sql.ts";

/** Which messages of a list: at most `limit`, the newest, or those just before or just after an id. */
export interface Page extends Keyset {
  limit: number;
}

export const PageQuery = z.object({ limit: limit(), before: cursor(), after: cursor() });

/** A page ends with the message that makes its texts longer than this, so that none takes up a worker's memory. */
export const MAX_BYTES = 8 * 1024 * 1024;

const encoder = new TextEncoder();

/** The cursor of the page after this one; undefined when there is none. */
export function nextPage(
  messages: { id: number; content: string }[],
  { limit, ...page }: Page,
): ReturnType<typeof following> | undefined {
  if (messages.length < limit && bytesOf(messages) < MAX_BYTES) return undefined;
  return following(page, messages);
}

const bytesOf = (messages: { content: string }[]) =>
  messages.reduce((sum, { content }) => sum + encoder.encode(content).length, 0);
