import type { Channel } from "../channel.ts";
import type { ChangeRequest } from "./request.ts";

/** One request of one channel, and the tables that it means. */
export interface Subscription {
  channel: Channel;
  request: ChangeRequest;
  tables: Set<number>;
}
