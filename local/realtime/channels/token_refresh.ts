import type { Permissions } from "../access/policies.ts";
import { DatabaseError } from "../access/pool.ts";
import { JoinRefusal, unreadable } from "../access/refusals.ts";
import { stillValid, TokenError } from "../access/tokens.ts";
import { isObject } from "../wire/frames.ts";
import type { Channel } from "./channel.ts";
import { askRead } from "./join.ts";

/** Handles a new token of the user: checks the policies again. */
export function receiveToken(channel: Channel, payload: unknown): void | Promise<void> {
  const token = isObject(payload) ? payload.access_token : undefined;
  if (typeof token !== "string" || token.startsWith("sb_") || token === channel.token) return;
  return refresh(channel, token);
}

/** Closes the channel once its token has expired. */
export function checkToken(channel: Channel): void {
  try {
    stillValid(channel.claims);
    channel.watchToken();
  } catch (error) {
    channel.shutDown((error as Error).message);
  }
}

async function refresh(channel: Channel, token: string): Promise<void> {
  const before = channel.granted?.read;
  try {
    channel.token = token;
    channel.claims = await channel.server.tokens.verify(token);
    if (channel.request.isPrivate) await askRead(channel);
    if (channel.isClosed) return;
    if (isRevoked(before, channel.granted?.read)) {
      return channel.shutDown(`You no longer have permission to read from this Channel topic: ${channel.name}`);
    }
    channel.watchToken();
    if (channel.request.changes.length > 0) channel.server.changes.subscribe(channel);
  } catch (error) {
    channel.shutDown(reasonOf(error, channel.name));
  }
}

function isRevoked(before: Permissions | undefined, now: Permissions | undefined): boolean {
  return (["broadcast", "presence"] as const).some((name) => before?.[name] === true && now?.[name] === false);
}

function reasonOf(error: unknown, topic: string): string {
  if (error instanceof JoinRefusal) return unreadable(topic);
  // The platform sends its internal names for these.
  if (error instanceof TokenError && error.kind === "signature") return ":signature_error";
  if (error instanceof TokenError) return error.message;
  if (!(error instanceof DatabaseError)) throw error;
  if (error.kind === "canceled") return "Query was cancelled, please try again";
  if (error.kind === "busy") return ":increase_connection_pool";
  return error.kind === "refused" ? unreadable(topic) : "Realtime was unable to connect to the project database";
}
