import type { LiveRoom, QueuedMessage } from "parley-client";
import { useWords } from "../../words/use_words.ts";

/** What can be done with a message that was refused. */
export function Unsent({ message, room }: { message: QueuedMessage; room: LiveRoom }) {
  const words = useWords();
  const { t } = words;
  const key = `error.${message.error}`;
  return (
    <p class="unsent" role="alert">
      {words.has(key) ? t(key) : t("message.failed")}
      <button type="button" class="link" onClick={() => room.retry(message.client_id)}>{t("retry")}</button>
      <button type="button" class="link" onClick={() => room.discard(message.client_id)}>{t("discard")}</button>
    </p>
  );
}
