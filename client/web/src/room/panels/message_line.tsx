import type { Message } from "parley-client";
import { Avatar } from "../../ui/avatar.tsx";
import { useWords } from "../../words/use_words.ts";

/** A message in a list: a button that jumps to it. */
export function MessageLine({ message, onClick }: { message: Message; onClick: () => void }) {
  const words = useWords();
  const name = message.sender_username ?? words.t("message.somebody");
  return (
    <button type="button" class="item" onClick={onClick}>
      <Avatar name={name} size="small" />
      <span class="item-name">{name}</span>
      <span class="item-time">{words.moment(message.created_at)}</span>
      <span class="item-text">{message.deleted_at ? words.t("message.deleted") : message.content}</span>
    </button>
  );
}
