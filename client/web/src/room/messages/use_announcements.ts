import type { RoomMessage } from "parley-client";
import { useEffect, useRef } from "preact/hooks";
import { useSession } from "../../core/session.ts";
import { announce } from "../../ui/notices.tsx";
import { useWords } from "../../words/use_words.ts";

/** If more arrive at once, only their number is announced. */
const MAX_ANNOUNCED = 5;

/** Announces new messages of others to screen readers while the room is open. */
export function useAnnouncements(messages: readonly RoomMessage[]): void {
  const { t } = useWords();
  const { me } = useSession();
  const lastSeq = messages.findLast(({ seq }) => seq !== null)?.seq ?? 0;
  const announcedSeq = useRef(lastSeq);
  useEffect(() => {
    const added = messages.filter(({ seq, sender_id, deleted_at }) =>
      (seq ?? 0) > announcedSeq.current && sender_id !== me && !deleted_at
    );
    announcedSeq.current = Math.max(announcedSeq.current, lastSeq);
    if (added.length > MAX_ANNOUNCED) return announce(t("room.jump.unread", { count: added.length }));
    for (const { sender_username, content } of added) {
      announce(t("inbox.said", { name: sender_username ?? t("message.somebody"), text: content }));
    }
  }, [lastSeq]);
}
