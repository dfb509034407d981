/** Why a socket is closed. */
export const CLOSE = {
  tooLarge: [1009, "The frame is too large."],
  tooManyFrames: [1008, "Too many frames."],
  restarting: [1012, "The service is restarting: connect again."],
  tooSlow: [1013, "The reader is too slow: connect again."],
  badToken: [4401, "The token is missing or not valid."],
  sessionEnded: [4401, "The session has ended: sign in again."],
  notMember: [4403, "Not a member of this room."],
  renamed: [4403, "The room has another name now: find it in the list of rooms."],
  roomDeleted: [4403, "The room has been deleted."],
  tokenExpired: [4408, "The token has expired."],
  suspended: [4423, "The account is suspended."],
} as const satisfies Record<string, readonly [code: number, reason: string]>;

export type Close = (typeof CLOSE)[keyof typeof CLOSE];
