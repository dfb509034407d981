import type { Change, SyncPage } from "../data/changes.ts";
import type { ChatError } from "../util/errors.ts";

/** Where a feed begins. */
export interface Beginning {
  version: number;
  topic: string;
}

/** What a feed tells. */
export interface FeedReader {
  /** Changes that follow the last ones without a hole; with the page when they came by `sync`. */
  changed(changes: Change[], page?: SyncPage): void;
  /** What is not counted: read marks, and the end of the room. */
  passed(event: Change): void;
  /** The events come from another topic now. */
  moved(topic: string): void;
  /** What is known is to be read anew; resolves with what stands then. */
  restart(): Promise<Beginning>;
  /** Whether events arrive. */
  live(live: boolean): void;
  /** The room is no longer the caller's. */
  ended(error: ChatError): void;
}
