import { SignJWT } from "jose";
import type { User } from "../support/users.ts";
import { status } from "./wire.ts";

/** A group with its members, the first of whom owns it. */
export async function newRoom(owner: User, ...members: { id: string }[]) {
  const { data, error } = await owner.supabase.rpc("create_group_room", {
    name: "Realtime",
    member_ids: members.map(({ id }) => id),
  });
  if (error) throw error;
  return data as unknown as { id: number; topic: string };
}

/** A token signed with the project's key, valid for that many seconds. */
export function token(claims: Record<string, unknown>, seconds = 60, secret = status.jwt_secret): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ role: "authenticated", exp: now + seconds, ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(secret));
}

export const topicName = (name = "topic") => `${name}-${crypto.randomUUID().slice(0, 8)}`;
