import type { RoomSnapshot, SentMessage } from "parley-client";
import { useSession } from "../../core/session.ts";
import { download } from "../../files/download.ts";
import { openPhoto } from "../../files/open_photo.ts";
import { kindOf } from "../../files/kinds.ts";
import type { MenuItem } from "../../ui/menu.tsx";
import { useCard } from "../../people/card.ts";
import { useNames } from "../../people/use_people.ts";
import { attempt, copy } from "../../ui/notices.tsx";
import { useWords } from "../../words/use_words.ts";
import type { RoomActions } from "./room_actions.ts";

/** Returns the actions that the user may take on a message. */
export function useMessageMenu(
  actions: RoomActions,
  snapshot: RoomSnapshot,
): (message: SentMessage, anchor: HTMLElement) => MenuItem[] {
  const words = useWords();
  const { t } = words;
  const { me } = useSession();
  const names = useNames();
  const openCard = useCard();
  const { room } = actions;
  const mayManage = snapshot.room?.kind === "group" && snapshot.room.role !== "member";

  return (message, anchor) => {
    const isMine = message.sender_id === me;
    const isPinned = snapshot.pins.some(({ message_id }) => message_id === message.id);
    const quoted = message.reply_to_id === null ? undefined : room.find(message.reply_to_id);
    const photo = message.attachments.find((file) => kindOf(file) === "photo");
    const items: (MenuItem | false | undefined)[] = [
      { label: t("message.reply"), icon: "reply", action: () => actions.write({ kind: "reply", message }) },
      { label: t("message.react"), icon: "smile", action: () => actions.react(message, anchor) },
      quoted && {
        label: t("message.jump", { name: names.person(quoted.sender_id, quoted.sender_username) }),
        icon: "back",
        action: () => actions.jump(quoted.seq),
      },
      isMine && { label: t("message.edit"), icon: "edit", action: () => actions.write({ kind: "edit", message }) },
      { label: t("message.forward"), icon: "forward", action: () => actions.forward(message) },
      message.content !== "" &&
      { label: t("message.copy"), icon: "copy", action: () => copy(message.content, t("copied")) },
      photo && { label: t("file.open"), icon: "photo", action: () => attempt(() => openPhoto(room, photo.id, words)) },
      ...message.attachments.map((file): MenuItem => ({
        label: t("file.download", { name: file.name }),
        icon: "download",
        action: () => attempt(() => download(room, file)),
      })),
      {
        label: t(isPinned ? "message.unpin" : "message.pin"),
        icon: "pin",
        action: () => attempt(() => isPinned ? room.unpin(message.id) : room.pin(message.id)),
      },
      { label: t("details"), icon: "info", action: () => actions.details(message) },
      !isMine && message.sender_id !== null && {
        label: t("person.open", { name: names.person(message.sender_id, message.sender_username) }),
        icon: "user",
        action: () => openCard(message.sender_id!),
      },
      (isMine || mayManage) && {
        label: t("delete"),
        icon: "trash",
        danger: true,
        action: () => actions.remove(message),
      },
    ];
    return items.filter((item): item is MenuItem => Boolean(item));
  };
}
