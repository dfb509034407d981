import type { Entry, LiveConversation } from "parley-client";
import { Markdown } from "../markdown/markdown.tsx";
import { Icon, IconButton } from "../ui/icon.tsx";
import { memo } from "../ui/memo.ts";
import { copy } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

interface EntryItemProps {
  entry: Entry;
  conversation: LiveConversation;
  /** Whether a reply is being written, so that no other can be requested. */
  replying: boolean;
}

/** A question or a reply. */
export const EntryItem = memo(({ entry, conversation, replying }: EntryItemProps) => {
  const { t } = useWords();
  const isReply = entry.role !== "user";
  return (
    <li class={`entry ${isReply ? "reply" : "question"}`} data-state={entry.state} data-id={entry.id} tabIndex={-1}>
      {isReply && <Icon name="spark" />}
      <div class={isReply ? "reply-body" : "bubble"}>
        <span class="for-readers">{t(isReply ? "conversation.assistant" : "message.you")}:</span>
        <div class="text">
          <Markdown
            text={entry.content}
            dialect={isReply ? "document" : "message"}
            isGrowing={entry.state === "streaming"}
          />
        </div>
        {entry.state === "failed" && <Failed entry={entry} conversation={conversation} />}
        {entry.partial && entry.reply_to_id !== null && (
          <p class="cut">
            {t("conversation.cut")}
            <button
              type="button"
              class="link"
              disabled={replying}
              onClick={() => conversation.continue(entry.reply_to_id!).finished.catch(() => {})}
            >
              {t("conversation.continue")}
            </button>
          </p>
        )}
        {isReply && entry.state === "sent" && (
          <span class="entry-actions">
            <IconButton
              icon="copy"
              label={t("conversation.copy")}
              onClick={() => copy(entry.content, t("copied"))}
            />
            {entry.reply_to_id !== null && (
              <IconButton
                icon="retry"
                label={t("conversation.again")}
                disabled={replying}
                onClick={() => conversation.regenerate(entry.reply_to_id!).finished.catch(() => {})}
              />
            )}
          </span>
        )}
      </div>
    </li>
  );
});

function Failed({ entry, conversation }: { entry: Entry; conversation: LiveConversation }) {
  const { t, has } = useWords();
  const key = `error.${entry.error}`;
  /** For an invalid value the server's message is more specific, for example about a limit. */
  const reason = entry.error === "responder_failed"
    ? t("conversation.failed")
    : entry.error === "invalid_value" && entry.errorMessage || (has(key) ? t(key) : t("conversation.failed"));
  return (
    <p class="unsent" role="alert">
      {reason}
      <button type="button" class="link" onClick={() => conversation.retry(entry).finished.catch(() => {})}>
        {t("retry")}
      </button>
    </p>
  );
}
