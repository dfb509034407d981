import type { Pin, RoomMessage, SentMessage, SystemMessage } from "parley-client";
import { Fragment, type FunctionComponent } from "preact";
import { memo } from "../../ui/memo.ts";
import { useWords } from "../../words/use_words.ts";
import { MessageItem } from "./message_item.tsx";
import type { RoomActions } from "./room_actions.ts";

interface ChunkProps {
  messages: readonly RoomMessage[];
  /** The message before the first. */
  before: RoomMessage | undefined;
  /** The message after the last. */
  after: RoomMessage | undefined;
  actions: RoomActions;
  me: string;
  isGroup: boolean;
  /** The key of the first new message, if it is in this chunk. */
  firstNew: string | undefined;
  /** The key of the last stored message, if it is in this chunk. */
  lastSent: string | undefined;
  seenSeq: number;
  pins: readonly Pin[];
  /** Only passed so that the chunk renders again when replies find their originals. */
  references: ReadonlyMap<number, SentMessage>;
  /** What happened after these messages, and after the one before them. */
  lines: readonly SystemMessage[];
  /** Shows one of them. */
  Line: FunctionComponent<{ line: SystemMessage }>;
}

/** Some messages of a room, with a separator for each day and one before new messages. */
export const Chunk = memo((props: ChunkProps) => {
  const { messages, before, after, actions, me, isGroup, firstNew, lastSent, seenSeq, pins, lines, Line } = props;
  const words = useWords();
  const pinned = new Set(pins.map(({ message_id }) => message_id));
  return (
    <>
      {messages.map((message, index) => {
        const previous = messages[index - 1] ?? before;
        const next = messages[index + 1] ?? after;
        const isNewDay = !previous || dayOf(previous) !== dayOf(message);
        const isNew = message.key === firstNew;
        const isParted = (one: RoomMessage | undefined) => lines.some(({ after_seq }) => after_seq === one?.seq);
        return (
          <Fragment key={message.key}>
            {isNewDay && <div role="listitem" class="day">{words.day(message.created_at)}</div>}
            {isNew && <div role="listitem" class="divider">{words.t("room.new")}</div>}
            <MessageItem
              message={message}
              actions={actions}
              isMine={message.sender_id === me}
              isGroup={isGroup}
              continues={!isNew && !isParted(previous) && continues(previous, message)}
              ends={!next || next.key === firstNew || isParted(message) || !continues(message, next)}
              isRead={message.seq !== null && message.seq <= seenSeq}
              isPinned={message.id !== null && pinned.has(message.id)}
              isLast={message.key === lastSent}
              quoted={message.reply_to_id === null ? undefined : actions.room.find(message.reply_to_id) ?? null}
            />
            {lines.map((line) => line.after_seq === message.seq && <Line key={line.version} line={line} />)}
          </Fragment>
        );
      })}
    </>
  );
}, { messages: sameItems, lines: sameItems });

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

/** The day of a message in local time. */
function dayOf({ created_at }: RoomMessage): string {
  return new Date(created_at).toDateString();
}

const MAX_PAUSE_MS = 5 * 60_000;

/** Whether a message continues the previous one: same sender, short pause, same day. */
function continues(before: RoomMessage | undefined, message: RoomMessage): boolean {
  return before !== undefined && dayOf(before) === dayOf(message) && before.sender_id === message.sender_id &&
    message.sender_id !== null &&
    Date.parse(message.created_at) - Date.parse(before.created_at) < MAX_PAUSE_MS;
}
