import { Icon } from "../../ui/icon.tsx";
import { useWords } from "../../words/use_words.ts";

/** The way down to the newest message, with how many are new. */
export function JumpButton({ unread, onClick }: { unread: number; onClick: () => void }) {
  const { t } = useWords();
  const label = unread > 0 ? t("room.jump.unread", { count: unread }) : t("room.jump");
  return (
    <button type="button" class="jump" aria-label={label} title={label} onClick={onClick}>
      {unread > 0 && <span class="badge">{unread}</span>}
      <Icon name="down" />
    </button>
  );
}
