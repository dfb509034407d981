import { Avatar } from "../ui/avatar.tsx";
import { useWords } from "../words/use_words.ts";
import type { Room } from "./operators.ts";
import { Tag } from "./parts.tsx";

/** Returns what to call a room: a direct room by its two people. */
export function useRoomName(): (room: Pick<Room, "kind" | "name" | "usernames">) => string {
  const { t, list } = useWords();
  return ({ kind, name, usernames }) =>
    kind === "group" ? name : usernames.length > 0 ? list(usernames) : t("message.somebody");
}

type Tagged = Pick<Room, "kind" | "is_public" | "locked_at">;

/** The kind of a room, and whether it is locked. */
export function RoomTags({ room: { kind, is_public, locked_at } }: { room: Tagged }) {
  const { t } = useWords();
  return (
    <>
      <Tag>{t(kind === "direct" ? "admin.direct" : is_public ? "admin.public" : "admin.private")}</Tag>
      {locked_at && <Tag tone="warning">{t("admin.is.locked")}</Tag>}
    </>
  );
}

type Shown = Tagged & Pick<Room, "id" | "name" | "avatar_url" | "usernames"> & { open_reports?: number };

/** The face, the name and the state of a room, in an item of a list. */
export function RoomName({ room }: { room: Shown }) {
  const { t } = useWords();
  const { open_reports = 0 } = room;
  const name = useRoomName()(room);
  return (
    <>
      <Avatar name={name} seed={String(room.id)} picture={room.avatar_url} group={room.kind === "group"} />
      <span class="item-name">{name}</span>
      <span class="item-tags">
        <RoomTags room={room} />
        {open_reports > 0 && <Tag tone="warning">{t("admin.reports.count", { count: open_reports })}</Tag>}
      </span>
    </>
  );
}
