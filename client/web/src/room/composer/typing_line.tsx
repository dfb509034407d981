import type { Typist } from "parley-client";
import { useWords } from "../../words/use_words.ts";

/** Who is writing just now. */
export function TypingLine({ typing }: { typing: readonly Typist[] }) {
  const { t, list } = useWords();
  const names = typing.map(({ username }) => username);
  const text = names.length > 3
    ? t("room.typing.many")
    : names.length > 0
    ? t("room.typing", { count: names.length, names: list(names) })
    : "";
  return <p class="typing" role="status">{text}</p>;
}
