import { bearer } from "../_shared/relay/bearer.ts";
import { serveSockets } from "../_shared/relay/route.ts";
import { protocol } from "./socket_protocol.ts";

/** The socket of a chat: docs/apis/messenger.md#websocket. */
export const chatSocket = serveSockets({
  path: /^\/messenger\/ws\/chat\/([^/]+)\/?$/,
  protocol,
  room: (name) => /^\d{1,15}$/.test(name) ? (sql) => sql`rooms.id = ${Number(name)}` : undefined,
  token: bearer,
});
