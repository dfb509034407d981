import WebSocket from "ws";
import { type Address, client } from "./clients.ts";

/** A client of its own for a user's token, on a socket that can be cut. */
export function connect(stack: Address, token: string) {
  const sockets: WebSocket[] = [];
  class Transport extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  }
  const supabase = client({ stack, token, realtime: { transport: Transport as never } });
  return {
    supabase,
    /** Destroys the socket, without a closing handshake. */
    cut: () => sockets.at(-1)?.terminate(),
    async close() {
      await supabase.removeAllChannels();
      await supabase.realtime.disconnect();
    },
  };
}

export type Connection = ReturnType<typeof connect>;
