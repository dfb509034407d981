import type { RoomMessage } from "parley-client";
import { useEffect, useRef } from "preact/hooks";
import { useSession } from "../../core/session.ts";
import { fileWords } from "../../files/file_words.ts";
import { plainText } from "../../markdown/plain_text.ts";
import { useNames } from "../../people/use_people.ts";
import { announce } from "../../ui/notices.tsx";
import { useWords } from "../../words/use_words.ts";

/** If more arrive within `COLLECT_MS`, only their number is announced. */
const MAX_ANNOUNCED = 5;

/** Messages of a busy room or after a reconnection arrive one by one, yet are announced together. */
const COLLECT_MS = 1000;

/** Announces new messages of others to screen readers while the room is open. */
export function useAnnouncements(messages: readonly RoomMessage[]): void {
  const words = useWords();
  const { t } = words;
  const { me } = useSession();
  const names = useNames();
  const shown = seqsOf(messages);
  /** The last message when the room was opened; older ones are loaded, not new. */
  const opened = useRef(Math.max(0, ...shown));
  /** An event may overtake earlier ones, which are then shown after it. */
  const announced = useRef(new Set(shown));
  const collected = useRef<RoomMessage[]>([]);
  const timer = useRef<number | undefined>(undefined);
  const announceCollected = () => {
    const added = collected.current.splice(0);
    timer.current = undefined;
    if (added.length > MAX_ANNOUNCED) return announce(t("room.jump.unread", { count: added.length }));
    for (const { sender_id, sender_username, content, attachments } of added) {
      const text = plainText(content) || fileWords(attachments, words);
      announce(t("inbox.said", { name: names.person(sender_id, sender_username), text }));
    }
  };
  useEffect(() => {
    const added = messages.filter(({ seq, sender_id, deleted_at }) =>
      seq !== null && seq > opened.current && !announced.current.has(seq) && sender_id !== me && !deleted_at
    );
    for (const seq of shown) announced.current.add(seq);
    collected.current.push(...added);
    if (added.length > 0) timer.current ??= setTimeout(announceCollected, COLLECT_MS);
  }, [messages]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

const seqsOf = (messages: readonly RoomMessage[]) => messages.flatMap(({ seq }) => seq === null ? [] : [seq]);
