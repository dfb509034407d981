import type { InboxRoom, RoomMessage, RoomSnapshot, SystemMessage } from "parley-client";
import type { FunctionComponent } from "preact";
import { useRef } from "preact/hooks";
import { useSession } from "../../core/session.ts";
import { useWords } from "../../words/use_words.ts";
import { Chunk } from "./message_chunk.tsx";
import type { RoomActions } from "./room_actions.ts";
import { useWindow } from "./use_window.ts";

interface MessageListProps {
  snapshot: RoomSnapshot;
  about: InboxRoom;
  actions: RoomActions;
  /** New messages begin after this seq. */
  divider: number | undefined;
  /** Shows a system message. */
  Line: FunctionComponent<{ line: SystemMessage }>;
}

const CHUNK_SIZE = 20;

/** All messages, in chunks, of which those far from the view are empty. */
export function MessageList({ snapshot, about, actions, divider, Line }: MessageListProps) {
  const { t } = useWords();
  const { me } = useSession();
  const { messages, systemMessages, pins, references, seenSeq } = snapshot;
  const hasDivider = divider !== undefined && (messages[0]?.seq ?? 0) <= divider + 1;
  const firstNew = hasDivider ? messages.find(({ seq }) => (seq ?? 0) > divider)?.key : undefined;
  const lastSent = messages.findLast(({ seq }) => seq !== null)?.key;
  const chunks = chunked(messages);
  const list = useRef<HTMLDivElement>(null);
  const has = ({ from, to }: Cut, key: string | undefined) =>
    key !== undefined && messages.slice(from, to).some((message) => message.key === key) ? key : undefined;
  // The list is entered by its last message, and opens at the first new one.
  const isKept = (chunk: Cut) =>
    chunk === chunks.at(-1) || (has(chunk, firstNew) ?? has(chunk, lastSent)) !== undefined;
  const places = useWindow(list, chunks.map(({ number }) => number), (index) => isKept(chunks[index]!));
  return (
    <div ref={list} class="message-list" role="list" aria-label={t("room.messages")}>
      {systemMessages.filter(({ after_seq }) => after_seq < (messages[0]?.seq ?? 1))
        .map((line) => <Line key={line.version} line={line} />)}
      {chunks.map((chunk, index) => {
        const { number, from, to } = chunk;
        const shown = messages.slice(from, to);
        const { ref, height } = places[index]!;
        return (
          <div
            key={number}
            ref={ref}
            class="chunk"
            role="none"
            data-index={index}
            data-from={shown[0]?.seq}
            data-to={shown.at(-1)?.seq}
            style={{ height: height === undefined ? undefined : `${height}px` }}
          >
            {height === undefined && (
              <Chunk
                messages={shown}
                before={messages[from - 1]}
                after={messages[to]}
                actions={actions}
                me={me}
                isGroup={about.kind === "group"}
                firstNew={has(chunk, firstNew) ?? (messages[to]?.key === firstNew ? firstNew : undefined)}
                lastSent={has(chunk, lastSent)}
                seenSeq={Math.min(seenSeq, shown.findLast(({ seq }) => seq !== null)?.seq ?? 0)}
                pins={pins}
                references={references}
                lines={systemMessages.filter(({ after_seq }) =>
                  after_seq >= (messages[from - 1]?.seq ?? 1) && after_seq <= (shown.at(-1)?.seq ?? 0)
                )}
                Line={Line}
              />
            )}
          </div>
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
