import { bearer } from "../_shared/relay/bearer.ts";
import { serveSockets } from "../_shared/relay/route.ts";
import { protocol } from "./socket_protocol.ts";

/** The socket of a room: docs/apis/mini-chat.md#websocket. */
export const chatSocket = serveSockets({
  path: /^\/mini-chat\/ws\/chat\/([^/]+)\/?$/,
  protocol,
  room: (name) => /^\d{1,15}$/.test(name) ? (sql) => sql`rooms.id = ${Number(name)}` : undefined,
  token: bearer,
});
