import type { SentMessage } from "parley-client";
import { useWords } from "../../words/use_words.ts";

interface QuoteProps {
  /** `null` when it is not held. */
  message: SentMessage | null;
  onJump: (seq: number) => void;
}

/** What a message replies to; a click goes there, as does the menu of the message. */
export function Quote({ message, onJump }: QuoteProps) {
  const { t } = useWords();
  if (!message) return <span class="quote">{t("message.missing")}</span>;
  const name = message.sender_username ?? t("message.somebody");
  return (
    <>
      <span class="for-readers">{t("message.replying", { name })}:</span>
      <button type="button" class="quote" tabIndex={-1} onClick={() => onJump(message.seq)}>
        <strong>{name}</strong>
        <span>{message.deleted_at ? t("message.deleted") : message.content}</span>
      </button>
    </>
  );
}
