import type { Message } from "parley-client";
import { fileWords } from "../../files/file_words.ts";
import { usePlainText } from "../../markdown/plain_text.ts";
import { Face } from "../../people/face.tsx";
import { useNames } from "../../people/use_people.ts";
import { FoundText } from "../../ui/found_text.tsx";
import { useWords } from "../../words/use_words.ts";

interface Props {
  message: Message;
  /** What it was found by. */
  query?: string;
  onClick: () => void;
}

/** A message in a list: a button that jumps to it. */
export function MessageLine({ message, query = "", onClick }: Props) {
  const words = useWords();
  const plainText = usePlainText();
  const { person } = useNames();
  return (
    <button type="button" class="item" onClick={onClick}>
      <Face id={message.sender_id} username={message.sender_username} size="small" />
      <span class="item-name">{person(message.sender_id, message.sender_username)}</span>
      <span class="item-time">{words.moment(message.created_at)}</span>
      <span class="item-text">
        {message.deleted_at
          ? words.t("message.deleted")
          : <FoundText text={plainText(message.content) || fileWords(message.attachments, words)} query={query} />}
      </span>
    </button>
  );
}
