import type { LiveRoom, QueuedMessage, RoomMessage, SentMessage } from "parley-client";
import { useState } from "preact/hooks";
import { albumWidth, Attachments } from "../../files/attachments.tsx";
import { fileWords } from "../../files/file_words.ts";
import { Markdown } from "../../markdown/markdown.tsx";
import { usePlainLine } from "../../markdown/plain_text.ts";
import { Face } from "../../people/face.tsx";
import { useCard } from "../../people/card.ts";
import { useNames } from "../../people/use_people.ts";
import { hueOf } from "../../ui/avatar.tsx";
import { IconButton } from "../../ui/icon.tsx";
import { lazy } from "../../ui/lazy.tsx";
import { memo } from "../../ui/memo.ts";
import { useWords } from "../../words/use_words.ts";
import { MessageMarks } from "./message_marks.tsx";
import { Reactions } from "./reactions.tsx";
import type { RoomActions } from "./room_actions.ts";
import { useLongPress } from "./use_long_press.ts";

const QuickBar = lazy(async () => (await import("./reaction_window.tsx")).QuickBar);

interface MessageItemProps {
  message: RoomMessage;
  actions: RoomActions;
  isMine: boolean;
  isGroup: boolean;
  /** Whether it is grouped with the previous message of the same sender. */
  continues: boolean;
  /** Whether the next message is not grouped with it. */
  ends: boolean;
  isRead: boolean;
  isPinned: boolean;
  /** Whether Tab focuses this message; arrow keys move on from it. */
  isLast: boolean;
  /** The message replied to; `null` if it is not loaded, `undefined` if this is not a reply. */
  quoted: SentMessage | null | undefined;
}

/** A message. Enter opens its menu. */
export const MessageItem = memo((props: MessageItemProps) => {
  const { message, actions, isMine, isGroup, continues, ends, isLast, quoted } = props;
  const { t } = useWords();
  const names = useNames();
  const openCard = useCard();
  const { sender_id: sender, sender_username: username } = message;
  const name = names.person(sender, username);
  const hasMenu = message.state === "sent" && !message.deleted_at;
  const album = albumWidth(message);
  const [isPointedAt, setIsPointedAt] = useState(false);
  const press = useLongPress((bubble) => hasMenu && actions.react(message, bubble));

  function onKeyDown(event: KeyboardEvent): void {
    const item = event.currentTarget as HTMLElement;
    if (event.key !== "Enter" || event.target !== item || !hasMenu) return;
    event.preventDefault();
    actions.menu(message, item.querySelector<HTMLElement>(".bubble")!);
  }

  // Imported from another chat: it was never a person's.
  if (sender === null && !message.deleted_at && (message.metadata as Imported).imported?.system) {
    return (
      <div role="listitem" class="system-line" data-seq={message.seq ?? undefined} tabIndex={isLast ? 0 : -1}>
        {message.content}
      </div>
    );
  }
  return (
    <div
      role="listitem"
      class={`message ${isMine ? "mine" : ""} ${continues ? "continues" : ""} ${isGroup && !isMine ? "with-face" : ""}`}
      data-seq={message.seq ?? undefined}
      // Those far from the view are not in the document, and how many there are in all is not known.
      aria-posinset={message.seq ?? undefined}
      aria-setsize={message.seq === null ? undefined : -1}
      data-state={message.state}
      tabIndex={message.seq === null ? undefined : isLast ? 0 : -1}
      onKeyDown={onKeyDown}
      onPointerEnter={({ pointerType }) => pointerType === "mouse" && setIsPointedAt(true)}
      onPointerLeave={() => setIsPointedAt(false)}
    >
      {isGroup && !isMine && ends && (
        <button
          type="button"
          class="face-button"
          tabIndex={-1}
          title={name}
          disabled={sender === null}
          onClick={() => openCard(sender!)}
        >
          <Face id={sender} username={username} size="small" />
          <span class="for-readers">{t("person.open", { name })}</span>
        </button>
      )}
      <div
        class={`bubble ${album ? "with-album" : ""} ${
          message.attachments.length > 0 && !message.content ? "without-text" : ""
        }`}
        style={album ? { "--album": `${album}px` } : {}}
        tabIndex={-1}
        {...press}
      >
        {continues || !isGroup || isMine
          ? <span class="for-readers">{isMine ? t("message.you") : name}:</span>
          : (
            <button
              type="button"
              class="sender"
              style={{ "--hue": String(hueOf(sender ?? "")) }}
              tabIndex={-1}
              disabled={sender === null}
              onClick={() => openCard(sender!)}
            >
              {name}
            </button>
          )}
        {message.forwarded_from_id !== null && (
          <span class="forwarded">
            {t("message.forwarded", { name: names.person(message.forwarded_sender_id, message.forwarded_username) })}
          </span>
        )}
        {quoted !== undefined && <Quote message={quoted} onJump={actions.jump} />}
        <Attachments message={message} room={actions.room} />
        {message.deleted_at ? <em class="text">{t("message.deleted")}</em> : (
          <div class="text">
            <Markdown
              text={message.content}
              dialect="message"
              mentions={message.mentions}
              mentionsAll={message.mentions_all}
            />
          </div>
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
      {hasMenu && <Reactions message={message} room={actions.room} />}
      {hasMenu && isPointedAt && (
        <QuickBar
          message={message}
          room={actions.room}
          onMore={(anchor) => actions.react(message, anchor, true)}
        />
      )}
      {message.state !== "sent" && message.error && <Unsent message={message} room={actions.room} />}
    </div>
  );
});

/** What an import keeps beside a message: whether it is a system message of the chat that it comes from. */
interface Imported {
  imported?: { system?: string };
}

interface QuoteProps {
  /** `null` if it is not loaded. */
  message: SentMessage | null;
  onJump: (seq: number) => void;
}

/** The message replied to. A click jumps to it, as does the menu of the message. */
function Quote({ message, onJump }: QuoteProps) {
  const words = useWords();
  const { t } = words;
  const names = useNames();
  const plainLine = usePlainLine();
  if (!message) return <span class="quote">{t("message.missing")}</span>;
  const name = names.person(message.sender_id, message.sender_username);
  return (
    <>
      <span class="for-readers">{t("message.replying", { name })}:</span>
      <button type="button" class="quote" tabIndex={-1} onClick={() => onJump(message.seq)}>
        <strong>{name}</strong>
        <span>
          {message.deleted_at
            ? t("message.deleted")
            : plainLine(message.content) || fileWords(message.attachments, words)}
        </span>
      </button>
    </>
  );
}

/** Actions on a message that was refused, or waits for a moderator: a retry asks what became of it. */
function Unsent({ message, room }: { message: QueuedMessage; room: LiveRoom }) {
  const words = useWords();
  const { t } = words;
  const key = `error.${message.error}`;
  return (
    <p class="unsent" role="alert">
      {words.has(key) ? t(key) : t("message.failed")}
      <button type="button" class="link" onClick={() => room.retry(message.client_id)}>{t("retry")}</button>
      <button type="button" class="link" onClick={() => room.discard(message.client_id)}>{t("discard")}</button>
    </p>
  );
}
