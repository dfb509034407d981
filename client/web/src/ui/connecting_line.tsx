import { useEffect, useState } from "preact/hooks";
import { useWords } from "../words/use_words.ts";

/** Shorter breaks are not worth a word. */
const patienceMs = 1_500;

/** Says that what is shown may be old. */
export function ConnectingLine({ connecting }: { connecting: boolean }) {
  const { t } = useWords();
  const [long, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (!connecting) return;
    const timer = setTimeout(() => setLong(true), patienceMs);
    return () => clearTimeout(timer);
  }, [connecting]);
  return <p class="connecting" role="status">{connecting && long ? t("connecting") : ""}</p>;
}
