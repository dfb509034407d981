import type { InboxRoom, RoomMessage, RoomSnapshot } from "parley-client";
import { Fragment } from "preact";
import { useSession } from "../session.ts";
import { useWords } from "../words/use_words.ts";
import type { RoomActions } from "./actions.ts";
import { MessageItem } from "./message_item.tsx";

interface MessageListProps {
  snapshot: RoomSnapshot;
  about: InboxRoom;
  actions: RoomActions;
  /** After which seq new messages begin. */
  divider: number | undefined;
}

/** All messages, with a line for each day, and one where new ones begin. */
export function MessageList({ snapshot, about, actions, divider }: MessageListProps) {
  const words = useWords();
  const { me } = useSession();
  const { messages, pins, seenSeq } = snapshot;
  const pinned = new Set(pins.map(({ message_id }) => message_id));
  const dividerKey = divider === undefined ? undefined : messages.find(({ seq }) => (seq ?? 0) > divider)?.key;
  const lastKey = messages.findLast(({ seq }) => seq !== null)?.key;
  return (
    <ol class="message-list" aria-label={words.t("room.messages")}>
      {messages.map((message, index) => {
        const before = messages[index - 1];
        const newDay = !before || dayOf(before) !== dayOf(message);
        return (
          <Fragment key={message.key}>
            {newDay && <li class="day">{words.day(message.created_at)}</li>}
            {message.key === dividerKey && <li class="divider">{words.t("room.new")}</li>}
            <MessageItem
              message={message}
              actions={actions}
              isMine={message.sender_id === me}
              isGroup={about.kind === "group"}
              continues={!newDay && message.key !== dividerKey && continues(before, message)}
              isRead={message.seq !== null && message.seq <= seenSeq}
              isPinned={message.id !== null && pinned.has(message.id)}
              isLast={message.key === lastKey}
              quoted={message.reply_to_id === null ? undefined : actions.room.find(message.reply_to_id) ?? null}
            />
          </Fragment>
        );
      })}
    </ol>
  );
}

const days = new Map<string, string>();

/** The day of a message by the clock of the device. */
function dayOf({ created_at }: RoomMessage): string {
  const hour = created_at.slice(0, 13);
  let day = days.get(hour);
  if (!day) days.set(hour, day = new Date(created_at).toDateString());
  return day;
}

const pauseMs = 5 * 60_000;

/** Whether a message goes on where the one before it ended. */
function continues(before: RoomMessage, message: RoomMessage): boolean {
  return before.sender_id === message.sender_id && message.sender_id !== null &&
    Date.parse(message.created_at) - Date.parse(before.created_at) < pauseMs;
}
