/** The five who act; their uuids ascend, so that ties are broken alike. */
export const USERS = ["ann", "bob", "cat", "dan", "eve"] as const;
export type User = (typeof USERS)[number];
export type Role = "member" | "admin" | "owner";

/** A message by its place: its text may have been deleted. */
export interface MessageKey {
  room: number;
  seq: number;
}

export interface Member {
  role: Role;
  /** Increases with each step. */
  joined: number;
  read: number;
  delivered: number;
  /** The last seq before they came. */
  since: number;
}

export interface Message {
  seq: number;
  version: number;
  sender: User;
  content: string;
  clientId: string | null;
  reply: number | null;
  /** The original, room 0 when that is deleted, and its text and sender. */
  forwarded: MessageKey & { content: string | null; sender: User | null } | null;
  edited: boolean;
  deleted: boolean;
  /** Whom it says that it mentions, in order. */
  mentions: readonly User[];
  /** Whether it mentions all. */
  all: boolean;
  /** Those whom it mentions, and who have not left since. */
  mentioned: Set<User>;
  /** Who has put each emoji on it. */
  reactions: Map<string, Set<User>>;
  /** The version of the last change of its reactions. */
  reacted: number | null;
  /** The first text, once it has changed. */
  first?: string;
}

/** What happened in a room besides its messages; `about` summarizes it. */
export interface Change {
  version: number;
  event: string;
  about: string;
}

/** Who may do what in a room. */
export interface Switches {
  posting: "everyone" | "admins";
  inviting: "everyone" | "admins";
  pinning: "everyone" | "admins";
  locked: boolean;
}

export interface Room {
  key: number;
  kind: "direct" | "group";
  name: string;
  description: string;
  isPublic: boolean;
  switches: Switches;
  version: number;
  members: Map<User, Member>;
  messages: Message[];
  /** Who pinned which seq. */
  pins: Map<number, User>;
  changes: Change[];
}
