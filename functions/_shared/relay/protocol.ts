import type { FieldNames } from "../db/database_errors.ts";
import type { Change } from "./change.ts";
import type { Connection } from "./connection.ts";
import type { FrameRefusal } from "./frame_error.ts";

/** The protocol of the sockets of an API. */
export interface Protocol {
  /** What columns are called in its frames. */
  fields: FieldNames;
  /** Whether its addresses hold the names of rooms, so that a socket ends with the name it was opened by. */
  byName?: boolean;
  /**
   * Sends a socket its first frames, unless it passed `since`.
   * @returns the version that these frames reach.
   */
  welcome?(connection: Connection): Promise<number>;
  /** The frame for a change; undefined when there is none. */
  render(change: Change): object | undefined;
  /**
   * Handles a frame of a client.
   * @throws FrameError, or what the database raises; the client gets it as an error frame.
   */
  receive(frame: Record<string, unknown>, connection: Connection): Promise<void>;
  /** The error frame, where it is not `{type: "error", code, detail, client_id}`. */
  refuse?(refusal: FrameRefusal): object;
}
