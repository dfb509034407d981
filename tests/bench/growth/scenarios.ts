/** What grows, on a stack of its own. */
export const growths = ["growth: members of a room", "growth: rooms of a person"] as const;

export type Growth = (typeof growths)[number];
