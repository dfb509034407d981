import { ApiError } from "../base/errors.ts";

const SENTENCE = "This message waits for a moderator, and is sent when one approves it.";

/**
 * The message that was sent. One that a word rule holds has no id, and is stored nevertheless: this is asked after the transaction.
 * @throws ApiError 403 message_held
 */
export function requireSent<Row extends { version: number }>(row: Row | undefined): Row {
  if (!row || row.version === 0) throw new ApiError(403, { detail: SENTENCE, code: "message_held" });
  return row;
}
