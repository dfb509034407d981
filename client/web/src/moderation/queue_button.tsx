import { useEffect, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { IconButton } from "../ui/icon.tsx";
import { useWords } from "../words/use_words.ts";
import "../styles/moderation.css";
import "../words/late.ts";
import { ask } from "./asked.ts";

/** Opens the queue of reports; only moderators see it. */
export function QueueButton() {
  const { t } = useWords();
  const { chat } = useSession();
  const [isModerator, setIsModerator] = useState(false);
  useEffect(() => void chat.moderation.role().then((role) => setIsModerator(role !== undefined), () => {}), [chat]);
  return isModerator ? <IconButton icon="warning" label={t("queue")} onClick={() => ask("queue")} /> : null;
}
