import "../words/late.ts";
import type { InboxRoom, LiveRoom } from "parley-client";
import { useState } from "preact/hooks";
import { go, tabPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { isMuted } from "../inbox/room_item.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { MenuButton, type MenuItem } from "../ui/menu.tsx";
import { attempt } from "../ui/notices.tsx";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import { lazy } from "../ui/lazy.tsx";

const GroupSettings = lazy(async () => (await import("./group_settings.tsx")).GroupSettings);

type Window = "settings" | "leave" | "delete";

interface RoomMenuProps {
  room: LiveRoom;
  about: InboxRoom;
  onPins: () => void;
}

/** Actions on a room as a whole. */
export function RoomMenu({ room, about, onPins }: RoomMenuProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const [window, setWindow] = useState<Window>();
  // Only the inbox knows whether the room is archived or muted.
  const listed = useStore(chat.rooms).rooms.find(({ id }) => id === room.id) ?? about;
  const [muted, archived, mayManage] = [isMuted(listed), listed.archived_at !== null, about.role !== "member"];
  const set = (work: () => Promise<unknown>) => () => void attempt(work);
  const forever = new Date("9999-12-31");
  const items: MenuItem[] = [
    { label: t("pins"), icon: "pin", action: onPins },
    {
      label: t(muted ? "room.unmute" : "room.mute"),
      icon: muted ? "bell" : "mute",
      action: set(() => chat.rooms.mute(room.id, muted ? null : forever)),
    },
    {
      label: t(archived ? "unarchive" : "archive"),
      icon: "archive",
      action: set(() => chat.rooms.archive(room.id, !archived)),
    },
  ];
  if (about.kind === "group") {
    if (mayManage) items.push({ label: t("room.settings"), icon: "settings", action: () => setWindow("settings") });
    items.push({ label: t("room.leave"), icon: "leave", danger: true, action: () => setWindow("leave") });
    if (about.role === "owner") {
      items.push({ label: t("room.delete"), icon: "trash", danger: true, action: () => setWindow("delete") });
    }
  }

  async function end(work: (id: number) => Promise<void>): Promise<void> {
    if (await attempt(() => work(room.id))) go(tabPath("chats"), { replace: true });
  }

  return (
    <>
      <MenuButton label={t("room.actions")} items={items} />
      {window === "settings" && <GroupSettings about={about} onClose={() => setWindow(undefined)} />}
      {window === "leave" && (
        <Confirm
          question={t("room.leave.sure", { name: about.title })}
          action={t("room.leave")}
          onConfirm={() => end((id) => chat.rooms.leave(id))}
          onClose={() => setWindow(undefined)}
        />
      )}
      {window === "delete" && (
        <Confirm
          question={t("room.delete.sure", { name: about.title })}
          action={t("room.delete")}
          onConfirm={() => end((id) => chat.rooms.delete(id))}
          onClose={() => setWindow(undefined)}
        />
      )}
    </>
  );
}
