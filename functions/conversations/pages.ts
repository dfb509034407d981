import { z } from "@hono/zod-openapi";
import { cursor, limit } from "../_shared/http/pagination.ts";

/** Which messages of a list: at most `limit`, the newest, or those just before or just after an id. */
export interface Page {
  limit: number;
  before?: number;
  after?: number;
}

export const PageQuery = z.object({ limit: limit(), before: cursor(), after: cursor() });

/** A page ends with the message that makes its texts longer than this, so that none takes up a worker's memory. */
export const MAX_BYTES = 8 * 1024 * 1024;

const encoder = new TextEncoder();

/** The cursor of the page after this one; undefined when there is none. */
export function nextPage(
  messages: { id: number; content: string }[],
  { limit, after }: Page,
): { after: number } | { before: number } | undefined {
  if (messages.length < limit && bytesOf(messages) < MAX_BYTES) return undefined;
  return after !== undefined ? { after: messages.at(-1)!.id } : { before: messages[0]!.id };
}

const bytesOf = (messages: { content: string }[]) =>
  messages.reduce((sum, { content }) => sum + encoder.encode(content).length, 0);
