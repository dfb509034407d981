import type { InboxRoom, RoomSnapshot } from "parley-client";
import { useRef, useState } from "preact/hooks";

/** So many at once are not seen at once: they were missed. */
const many = 10;

/**
 * After which seq new messages begin: what was unread when the room was opened, or came while nobody looked. It stays
 * where it is until then, so that one finds the place again.
 * @param attentive whether what comes is seen at once
 */
export function useDivider({ unread }: RoomSnapshot, about: InboxRoom, attentive: () => boolean): number | undefined {
  const [after, setAfter] = useState(unread > 0 ? about.last_read_seq : undefined);
  const before = useRef(unread);
  if (before.current !== unread) {
    if (before.current === 0 && (unread > many || !attentive())) setAfter(about.last_read_seq);
    before.current = unread;
  }
  return after;
}
