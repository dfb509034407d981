import type { RoomSnapshot, SentMessage } from "parley-client";
import { useSession } from "../../core/session.ts";
import { download } from "../../files/download.ts";
import { openPhoto } from "../../files/open_photo.ts";
import { kindOf } from "../../files/kinds.ts";
import { Menu, type MenuItem } from "../../ui/menu.tsx";
import { useCard } from "../../people/card.ts";
import { useNames } from "../../people/use_people.ts";
import { attempt, copy } from "../../ui/notices.tsx";
import { useWords } from "../../words/use_words.ts";
import { ask } from "../../moderation/asked.ts";
import "../../words/late.ts";
import { may } from "../may.ts";
import type { RoomActions } from "./room_actions.ts";

interface MessageMenuProps {
  actions: RoomActions;
  snapshot: RoomSnapshot;
  message: SentMessage;
  /** The button that the menu belongs to. */
  anchor: HTMLElement;
  onClose: () => void;
}

/** The actions that the user may take on a message. */
export function MessageMenu({ actions, snapshot, message, anchor, onClose }: MessageMenuProps) {
  const words = useWords();
  const { t } = words;
  const { me } = useSession();
  const names = useNames();
  const openCard = useCard();
  const { room } = actions;
  const about = snapshot.room;
  const mayManage = about?.kind === "group" && about.role !== "member";
  const mayWrite = may(about, "posting");
  const isMine = message.sender_id === me;
  const isPinned = snapshot.pins.some(({ message_id }) => message_id === message.id);
  const quoted = message.reply_to_id === null ? undefined : room.find(message.reply_to_id);
  const photo = message.attachments.find((file) => kindOf(file) === "photo");
  const items: (MenuItem | false | undefined)[] = [
    mayWrite && { label: t("message.reply"), icon: "reply", action: () => actions.write({ kind: "reply", message }) },
    may(about) && { label: t("message.react"), icon: "smile", action: () => actions.react(message, anchor) },
    quoted && {
      label: t("message.jump", { name: names.person(quoted.sender_id, quoted.sender_username) }),
      icon: "back",
      action: () => actions.jump(quoted.seq),
    },
    isMine && mayWrite &&
    { label: t("message.edit"), icon: "edit", action: () => actions.write({ kind: "edit", message }) },
    { label: t("message.forward"), icon: "forward", action: () => actions.forward(message) },
    message.content !== "" &&
    { label: t("message.copy"), icon: "copy", action: () => copy(message.content, t("copied")) },
    photo && { label: t("file.open"), icon: "photo", action: () => attempt(() => openPhoto(room, photo.id, words)) },
    ...message.attachments.map((file): MenuItem => ({
      label: t("file.download", { name: file.name }),
      icon: "download",
      action: () => attempt(() => download(room, file)),
    })),
    may(about, "pinning") && {
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
    !isMine && message.sender_id !== null && {
      label: t("report"),
      icon: "warning",
      action: () =>
        ask({
          target: { messageId: message.id },
          name: names.person(message.sender_id, message.sender_username),
        }),
    },
    (isMine || mayManage) && {
      label: t("delete"),
      icon: "trash",
      danger: true,
      action: () => actions.remove(message),
    },
  ];
  const possible = items.filter((item): item is MenuItem => Boolean(item));
  return <Menu label={t("message.actions")} anchor={anchor} items={possible} onClose={onClose} />;
}
