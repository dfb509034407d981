import type { Channel } from "../channel.ts";
import type { Realtime } from "../realtime.ts";

/** Tells channels of changes in tables. */
export class Changes {
  constructor(readonly url: string, readonly server: Realtime) {}

  subscribe(_channel: Channel): void {}

  refresh(_channel: Channel): void {}

  async stop(): Promise<void> {}
}
