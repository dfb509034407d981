import type { InboxRoom } from "parley-client";
import { Avatar, type AvatarProps } from "../ui/avatar.tsx";
import { usePeople } from "./use_people.ts";

type Looks = Pick<AvatarProps, "online" | "size">;

interface FaceProps extends Looks {
  /** `null` if the account was deleted. */
  id: string | null;
  username: string | null;
}

/** A person's picture, or the first letters of their name. */
export function Face({ id, username, ...looks }: FaceProps) {
  const people = usePeople();
  const picture = id === null ? undefined : people.get(id)?.avatar_url;
  return <Avatar name={people.nameOf(id, username) ?? ""} seed={id ?? ""} picture={picture} {...looks} />;
}

interface RoomFaceProps extends Looks {
  room: Pick<InboxRoom, "title" | "kind" | "avatar_url" | "other_member">;
}

/** The face of the other person of a direct room, and the picture or the first letter of a group. */
export function RoomFace({ room: { title, kind, avatar_url, other_member: other }, ...looks }: RoomFaceProps) {
  return kind === "group"
    ? <Avatar name={title} picture={avatar_url} group {...looks} />
    : <Face id={other?.user_id ?? null} username={other?.username ?? null} {...looks} />;
}
