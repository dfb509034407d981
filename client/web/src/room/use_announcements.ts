import type { RoomMessage } from "parley-client";
import { useEffect, useRef } from "preact/hooks";
import { useSession } from "../session.ts";
import { say } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";

/** Tells screen readers what others write while the room is open. */
export function useAnnouncements(messages: readonly RoomMessage[]): void {
  const { t } = useWords();
  const { me } = useSession();
  const last = messages.findLast(({ seq }) => seq !== null);
  const heard = useRef(last?.seq ?? 0);
  useEffect(() => {
    if (!last?.seq || last.seq <= heard.current) return;
    heard.current = last.seq;
    if (last.sender_id === me || last.deleted_at) return;
    say(t("inbox.said", { name: last.sender_username ?? t("message.somebody"), text: last.content }));
  }, [last?.seq]);
}
