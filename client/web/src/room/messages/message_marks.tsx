import type { RoomMessage } from "parley-client";
import { Icon, type IconName } from "../../ui/icon.tsx";
import { useWords } from "../../words/use_words.ts";
import type { Key } from "../../words/words.ts";

interface MarksProps {
  message: RoomMessage;
  isMine: boolean;
  isRead: boolean;
  isPinned: boolean;
}

const STATES: Record<"sending" | "held" | "failed" | "sent" | "read", { icon: IconName; label: Key }> = {
  sending: { icon: "clock", label: "message.sending" },
  held: { icon: "clock", label: "message.sending" },
  failed: { icon: "warning", label: "message.failed" },
  sent: { icon: "check", label: "message.sent" },
  read: { icon: "checks", label: "message.read" },
};

/** The time of a message, whether it was edited, and for the user's own messages their delivery state. */
export function MessageMarks({ message, isMine, isRead, isPinned }: MarksProps) {
  const words = useWords();
  const { t } = words;
  const state = STATES[message.state === "sent" && isRead ? "read" : message.state];
  return (
    <span class="marks">
      {isPinned && (
        <>
          <Icon name="pin" />
          <span class="for-readers">{t("message.pinned")}</span>
        </>
      )}
      {message.edited_at && !message.deleted_at && <span>{t("message.edited")}</span>}
      <time dateTime={message.created_at}>{words.time(message.created_at)}</time>
      {isMine && (
        <span class={`way ${isRead ? "read" : ""}`} title={t(state.label)}>
          <Icon name={state.icon} />
          <span class="for-readers">{t(state.label)}</span>
        </span>
      )}
    </span>
  );
}
