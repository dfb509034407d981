import { Icon, IconButton } from "../../ui/icon.tsx";
import { useWords } from "../../words/use_words.ts";
import type { Task } from "../messages/room_actions.ts";

/** What is being replied to or changed, above the line to write on. */
export function TaskBar({ task: { kind, message }, onCancel }: { task: Task; onCancel: () => void }) {
  const { t } = useWords();
  const name = message.sender_username ?? t("message.somebody");
  return (
    <div class="task">
      <Icon name={kind} />
      <p>
        <strong>{kind === "edit" ? t("message.editing") : t("message.replying", { name })}</strong>
        <span>{message.content}</span>
      </p>
      <IconButton icon="close" label={t("cancel")} onClick={onCancel} />
    </div>
  );
}
