import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../ui/icon.tsx";
import { copy } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import type { Colored } from "./highlighter.ts";

/** Longer code has one colour. */
const MAX_COLORED_LENGTH = 30_000;

interface CodeBlockProps {
  /** As written after the fence; may be empty. */
  language: string;
  text: string;
}

/** Code with its language, and a button to copy it. */
export function CodeBlock({ language, text }: CodeBlockProps) {
  const { t } = useWords();
  const pieces = useColors(text, language.toLowerCase());
  return (
    <div class="code-block">
      <div class="code-head">
        <span>{language}</span>
        <IconButton icon="copy" label={t("markdown.copy")} onClick={() => copy(text, t("copied"))} />
      </div>
      <pre
        tabIndex={0}
        role="region"
        aria-label={language || t("markdown.code")}
      ><code dir="ltr">{pieces ? colorsOf(pieces) : text}</code></pre>
    </div>
  );
}

/** Colours code when the highlighter is there. While the code is being written, the new end waits for its colours. */
function useColors(text: string, language: string): Colored[] | undefined {
  const [colors, setColors] = useState<{ of: string; pieces: Colored[] }>();
  const isOver = useRef(false);
  useEffect(() => () => void (isOver.current = true), []);
  useEffect(() => {
    if (!language || text.length > MAX_COLORED_LENGTH) return;
    import("./highlighter.ts").then(({ colored }) => {
      const pieces = isOver.current ? undefined : colored(text, language);
      if (pieces) setColors({ of: text, pieces });
    }, () => {});
  }, [text, language]);
  if (!colors || !text.startsWith(colors.of)) return undefined;
  return [...colors.pieces, text.slice(colors.of.length)];
}

function colorsOf(pieces: readonly Colored[]): ComponentChildren {
  return pieces.map((piece, index) =>
    typeof piece === "string" ? piece : <span key={index} class={piece.kind}>{colorsOf(piece.children)}</span>
  );
}
