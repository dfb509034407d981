import type { RoomMessage } from "parley-client";
import { useEffect, useRef } from "preact/hooks";
import { useSession } from "../../core/session.ts";
import { say } from "../../ui/notices.tsx";
import { useWords } from "../../words/use_words.ts";

/** More at once are not read out. */
const many = 5;

/** Tells screen readers what others write while the room is open. */
export function useAnnouncements(messages: readonly RoomMessage[]): void {
  const { t } = useWords();
  const { me } = useSession();
  const lastSeq = messages.findLast(({ seq }) => seq !== null)?.seq ?? 0;
  const heard = useRef(lastSeq);
  useEffect(() => {
    const added = messages.filter(({ seq, sender_id, deleted_at }) =>
      (seq ?? 0) > heard.current && sender_id !== me && !deleted_at
    );
    heard.current = Math.max(heard.current, lastSeq);
    if (added.length > many) return say(t("room.jump.unread", { count: added.length }));
    for (const { sender_username, content } of added) {
      say(t("inbox.said", { name: sender_username ?? t("message.somebody"), text: content }));
    }
  }, [lastSeq]);
}
