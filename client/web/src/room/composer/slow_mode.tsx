import type { InboxRoom, RoomMessage } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { useSession } from "../../core/session.ts";
import { useWords } from "../../words/use_words.ts";
import "../../words/late.ts";

/** How long the user has still to wait in a slow group; nothing once they can write. */
export function SlowMode({ room, messages }: { room: InboxRoom; messages: readonly RoomMessage[] }) {
  const { t } = useWords();
  const { me } = useSession();
  const [now, setNow] = useState(Date.now());
  const seconds = room.role === "member" ? room.slow_mode_seconds : 0;
  const last = seconds > 0 && messages.findLast(({ state, sender_id }) => state === "sent" && sender_id === me);
  const left = last ? Math.min(Math.ceil((Date.parse(last.created_at) - now) / 1000) + seconds, seconds) : 0;
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setNow(Date.now()), 500);
    return () => clearTimeout(timer);
  });
  return left > 0 ? <p class="hint slow">{t("slow.left", { count: left })}</p> : null;
}
