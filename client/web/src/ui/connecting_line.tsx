import { useEffect, useState } from "preact/hooks";
import { useWords } from "../words/use_words.ts";

/** Shorter interruptions are not shown. */
const SHOW_DELAY_MS = 1_500;

/** Shows that the content may be outdated. */
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
