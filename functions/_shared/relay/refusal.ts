import { CLOSE, type Close } from "./close_codes.ts";

/** A refusal to open a socket, or to keep it open, with the code that closes it. */
export class Refusal extends Error {
  constructor(readonly close: Close) {
    super(close[1]);
  }
}

/** How each reason of `chat_private.refusal_of()` closes a socket. */
export const CLOSE_OF: Record<string, Close> = {
  suspended: CLOSE.suspended,
  session_ended: CLOSE.sessionEnded,
  no_account: CLOSE.sessionEnded,
};

/** How an error of SQL closes the socket of its caller; undefined when it says nothing about them. */
export function closeOf(error: unknown): Close | undefined {
  if (error instanceof Refusal) return error.close;
  if (!(error instanceof Error && "code" in error && /^PT40[134]$/.test(String(error.code)))) return undefined;
  return CLOSE_OF[error.message] ?? CLOSE.notMember;
}
