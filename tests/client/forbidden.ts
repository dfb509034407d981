import WebSocket from "ws";

/** A network that blocks WebSockets. */
export class Forbidden extends WebSocket {
  constructor() {
    super("ws://127.0.0.1:9/");
  }
}
