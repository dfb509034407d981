import type { RoomMessage, SentMessage } from "parley-client";
import { Avatar } from "../../ui/avatar.tsx";
import { IconButton } from "../../ui/icon.tsx";
import { LinkedText } from "../../ui/linked_text.tsx";
import { memo } from "../../ui/memo.ts";
import { useWords } from "../../words/use_words.ts";
import type { RoomActions } from "./room_actions.ts";
import { MessageMarks } from "./message_marks.tsx";
import { Quote } from "./quote.tsx";
import { Unsent } from "./unsent.tsx";

interface MessageItemProps {
  message: RoomMessage;
  actions: RoomActions;
  isMine: boolean;
  isGroup: boolean;
  /** Whether it stands close to the one before, of the same sender. */
  continues: boolean;
  isRead: boolean;
  isPinned: boolean;
  /** Whether Tab comes to this one; arrows go on from it. */
  isLast: boolean;
  /** The message replied to; `null` when it is not held, `undefined` when it is no reply. */
  quoted: SentMessage | null | undefined;
}

/** One message. Enter opens its menu. */
export const MessageItem = memo((props: MessageItemProps) => {
  const { message, actions, isMine, isGroup, continues, isLast, quoted } = props;
  const { t } = useWords();
  const name = message.sender_username ?? t("message.somebody");
  const hasMenu = message.state === "sent" && !message.deleted_at;

  function onKeyDown(event: KeyboardEvent): void {
    const item = event.currentTarget as HTMLElement;
    if (event.key !== "Enter" || event.target !== item || !hasMenu) return;
    event.preventDefault();
    actions.menu(message, item.querySelector<HTMLElement>(".bubble")!);
  }

  return (
    <div
      role="listitem"
      class={`message ${isMine ? "mine" : ""} ${continues ? "continues" : ""} ${isGroup && !isMine ? "with-face" : ""}`}
      data-seq={message.seq ?? undefined}
      data-state={message.state}
      tabIndex={message.seq === null ? undefined : isLast ? 0 : -1}
      onKeyDown={onKeyDown}
    >
      {isGroup && !isMine && !continues && <Avatar name={name} size="small" />}
      <div class="bubble" tabIndex={-1}>
        {continues || !isGroup || isMine
          ? <span class="for-readers">{isMine ? t("message.you") : name}:</span>
          : <span class="sender">{name}</span>}
        {message.forwarded_from_id !== null && (
          <span class="forwarded">
            {t("message.forwarded", { name: message.forwarded_username ?? t("message.somebody") })}
          </span>
        )}
        {quoted !== undefined && <Quote message={quoted} onJump={actions.jump} />}
        {message.deleted_at ? <em class="text">{t("message.deleted")}</em> : (
          <span class="text">
            <LinkedText text={message.content} />
          </span>
        )}
        <MessageMarks {...props} />
      </div>
      {hasMenu && (
        <IconButton
          icon="more"
          class="message-more"
          tabIndex={-1}
          label={t("message.actions")}
          onClick={(event) => actions.menu(message, event.currentTarget as HTMLElement)}
        />
      )}
      {message.state === "failed" && <Unsent message={message} room={actions.room} />}
    </div>
  );
});
