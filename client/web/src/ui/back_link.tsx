import { useWords } from "../words/use_words.ts";
import { Icon } from "./icon.tsx";

/** On a phone, leads from what is open back to its list. */
export function BackLink({ to }: { to: string }) {
  const { t } = useWords();
  return (
    <a class="icon-button back" href={to} aria-label={t("back")}>
      <Icon name="back" />
    </a>
  );
}
