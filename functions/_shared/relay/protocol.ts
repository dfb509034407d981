import type { FieldNames } from "../db/database_errors.ts";
import type { Change } from "./change.ts";
import type { Connection } from "./connection.ts";
import type { FrameRefusal } from "./frame_error.ts";

/** How one API speaks over its sockets. */
export interface Protocol {
  /** What columns are called in its frames. */
  fields: FieldNames;
  /** Whether its addresses hold the names of rooms, so that a socket ends with the name it was opened by. */
  byName?: boolean;
  /**
   * Sends a socket its first frames, before anything else; not those who say since when they know everything.
   * @returns the version up to which these tell everything.
   */
  welcome?(connection: Connection): Promise<number>;
  /** What the members are sent of a change; undefined when nothing. */
  render(change: Change): object | undefined;
  /**
   * Does what a frame of a client asks for.
   * @throws FrameError, or what the database raises; the client gets it as an error frame.
   */
  receive(frame: Record<string, unknown>, connection: Connection): Promise<void>;
  /** The frame that says what went wrong, where it is not `{type: "error", code, detail, client_id}`. */
  refuse?(refusal: FrameRefusal): object;
}
