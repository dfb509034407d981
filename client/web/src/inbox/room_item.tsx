import type { InboxRoom } from "parley-client";
import { roomPath } from "../core/route.ts";
import { fileWords } from "../files/file_words.ts";
import { usePlainLine } from "../markdown/plain_text.ts";
import { RoomFace } from "../people/face.tsx";
import { type Names, useNames } from "../people/use_people.ts";
import { Icon } from "../ui/icon.tsx";
import { memo } from "../ui/memo.ts";
import { useWords } from "../words/use_words.ts";
import type { Words } from "../words/words.ts";

interface RoomItemProps {
  room: InboxRoom;
  me: string;
  current: boolean;
  /** Whether Tab focuses this item; arrow keys move on from it. */
  first: boolean;
  online: boolean;
}

/** A room in the inbox: its name, last message and unread count. */
export const RoomItem = memo(({ room, me, current, first, online }: RoomItemProps) => {
  const words = useWords();
  const { t } = words;
  const names = useNames();
  const plainLine = usePlainLine();
  const isSilent = isMuted(room);
  return (
    <li>
      <a class="item" href={roomPath(room.id)} aria-current={current ? "page" : undefined} tabIndex={first ? 0 : -1}>
        <RoomFace room={room} online={online} />
        <span class="item-name">{names.room(room)}</span>
        <span class="item-time">{words.moment(room.active_at)}</span>
        <span class="item-text">{lastWords(room, me, words, names, plainLine)}</span>
        <span class="item-marks">
          {isSilent && (
            <>
              <Icon name="mute" />
              <span class="for-readers">{t("inbox.muted")}</span>
            </>
          )}
          {room.mention_count > 0 && (
            <span class="badge">
              <span aria-hidden="true">@</span>
              <span class="for-readers">{t("inbox.mentions", { count: room.mention_count })}</span>
            </span>
          )}
          {room.unread_count > 0 && (
            <span class={isSilent ? "badge faint" : "badge"}>
              <span aria-hidden="true">{room.unread_count}</span>
              <span class="for-readers">{t("inbox.unread", { count: room.unread_count })}</span>
            </span>
          )}
        </span>
      </a>
    </li>
  );
});

function lastWords(
  { last_message, kind }: InboxRoom,
  me: string,
  words: Words,
  names: Names,
  plainLine: (text: string) => string,
): string {
  const { t } = words;
  if (!last_message) return t("inbox.no.messages");
  if (last_message.deleted_at) return t("inbox.deleted");
  const text = plainLine(last_message.content || last_message.forwarded_content || "") ||
    fileWords(last_message.attachments, words);
  if (last_message.sender_id === me) return t("inbox.you", { text });
  if (kind === "direct") return text;
  return t("inbox.said", { name: names.person(last_message.sender_id, last_message.sender_username), text });
}

/** Whether a room is muted now. */
export function isMuted({ muted_until }: InboxRoom): boolean {
  return muted_until !== null && (muted_until === "infinity" || Date.parse(muted_until) > Date.now());
}
