import type { InboxRoom, RoomMessage, RoomSnapshot } from "parley-client";
import { useSession } from "../../core/session.ts";
import { useWords } from "../../words/use_words.ts";
import { Chunk } from "./message_chunk.tsx";
import type { RoomActions } from "./room_actions.ts";

interface MessageListProps {
  snapshot: RoomSnapshot;
  about: InboxRoom;
  actions: RoomActions;
  /** New messages begin after this seq. */
  divider: number | undefined;
}

const CHUNK_SIZE = 50;

/** All messages, in chunks, so that a long history is cheap where it is out of view. */
export function MessageList({ snapshot, about, actions, divider }: MessageListProps) {
  const { t } = useWords();
  const { me } = useSession();
  const { messages, pins, references, seenSeq } = snapshot;
  const hasDivider = divider !== undefined && (messages[0]?.seq ?? 0) <= divider + 1;
  const firstNew = hasDivider ? messages.find(({ seq }) => (seq ?? 0) > divider)?.key : undefined;
  const lastSent = messages.findLast(({ seq }) => seq !== null)?.key;
  const chunks = chunked(messages);
  return (
    <div class="message-list" role="list" aria-label={t("room.messages")}>
      {chunks.map(({ number, from, to }, index) => {
        const shown = messages.slice(from, to);
        const has = (key: string | undefined) => shown.some((message) => message.key === key) ? key : undefined;
        return (
          <Chunk
            key={number}
            messages={shown}
            before={messages[from - 1]}
            after={messages[to]}
            actions={actions}
            me={me}
            isGroup={about.kind === "group"}
            firstNew={has(firstNew) ?? (messages[to]?.key === firstNew ? firstNew : undefined)}
            lastSent={has(lastSent)}
            seenSeq={Math.min(seenSeq, shown.findLast(({ seq }) => seq !== null)?.seq ?? 0)}
            pins={pins}
            references={references}
            isLast={index === chunks.length - 1}
          />
        );
      })}
    </div>
  );
}

interface Cut {
  number: number;
  from: number;
  to: number;
}

/** Splits messages into chunks by seq, so that chunks stay the same when older messages are loaded. */
function chunked(messages: readonly RoomMessage[]): Cut[] {
  const cuts: Cut[] = [];
  let seq = 0;
  for (const [index, message] of messages.entries()) {
    seq = message.seq ?? seq + 1;
    const number = Math.floor(seq / CHUNK_SIZE);
    const last = cuts.at(-1);
    if (last?.number === number) last.to = index + 1;
    else cuts.push({ number, from: index, to: index + 1 });
  }
  return cuts;
}
