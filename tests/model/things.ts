/** The five who act; everyone's uuid is above that of those before, so that ties are broken alike. */
export const USERS = ["ann", "bob", "cat", "dan", "eve"] as const;
export type User = (typeof USERS)[number];
export type Role = "member" | "admin" | "owner";

/** A message by its place: what it says may have gone. */
export interface MessageKey {
  room: number;
  seq: number;
}

export interface Member {
  role: Role;
  /** Counts up with each step. */
  joined: number;
  read: number;
  delivered: number;
}

export interface Message {
  seq: number;
  version: number;
  sender: User;
  content: string;
  clientId: string | null;
  reply: number | null;
  /** Where it comes from, room 0 when that is gone, and what was said there by whom. */
  forwarded: MessageKey & { content: string | null; sender: User | null } | null;
  edited: boolean;
  deleted: boolean;
  /** Once it has changed: what was said first. */
  first?: string;
}

/** What happened in a room besides its messages; `about` says it in short. */
export interface Change {
  version: number;
  event: string;
  about: string;
}

export interface Room {
  key: number;
  kind: "direct" | "group";
  name: string;
  description: string;
  isPublic: boolean;
  version: number;
  members: Map<User, Member>;
  messages: Message[];
  /** Who pinned which seq. */
  pins: Map<number, User>;
  changes: Change[];
}
