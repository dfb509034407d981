import type { Channel } from "../channel.ts";
import type { ChangeRequest } from "./request.ts";

/** One request of one channel. */
export interface Subscription {
  channel: Channel;
  request: ChangeRequest;
}
