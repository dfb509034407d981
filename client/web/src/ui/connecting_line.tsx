import { useEffect, useState } from "preact/hooks";
import { useWords } from "../words/use_words.ts";

/** Shorter breaks are not worth a word. */
const SHOW_DELAY_MS = 1_500;

/** Says that what is shown may be old. */
export function ConnectingLine({ connecting }: { connecting: boolean }) {
  const { t } = useWords();
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    setIsLong(false);
    if (!connecting) return;
    const timer = setTimeout(() => setIsLong(true), SHOW_DELAY_MS);
    return () => clearTimeout(timer);
  }, [connecting]);
  return <p class="connecting" role="status">{connecting && isLong ? t("connecting") : ""}</p>;
}
