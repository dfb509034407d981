import type { RoomSnapshot, SentMessage } from "parley-client";
import { fileWords } from "../../files/file_words.ts";
import { usePlainLine } from "../../markdown/plain_text.ts";
import { Icon } from "../../ui/icon.tsx";
import { useWords } from "../../words/use_words.ts";
import type { RoomActions } from "../messages/room_actions.ts";

interface PinBarProps {
  snapshot: RoomSnapshot;
  actions: RoomActions;
  onAll: () => void;
}

/** The most recently pinned message; if there are several, opens the list of pins. */
export function PinBar({ snapshot, actions, onAll }: PinBarProps) {
  const words = useWords();
  const { t } = words;
  const plainLine = usePlainLine();
  const [last, ...others] = pinned(snapshot, actions);
  if (!last) return null;
  return (
    <button type="button" class="pin-bar" onClick={() => others.length > 0 ? onAll() : actions.jump(last.seq)}>
      <Icon name="pin" />
      <span class="for-readers">{t("message.pinned")}:</span>
      <span class="pin-text">
        {plainLine(last.content) || fileWords(last.attachments, words) || t("message.deleted")}
      </span>
      {others.length > 0 && <span class="badge faint">+{others.length}</span>}
    </button>
  );
}

/** Returns the pinned messages, most recently pinned first. */
export function pinned({ pins }: RoomSnapshot, { room }: RoomActions): SentMessage[] {
  return pins.flatMap(({ message_id }) => room.find(message_id) ?? []).reverse();
}
