import { memo } from "../ui/memo.ts";
import { useParser } from "./load.ts";
import { isPlain } from "./plain_text.ts";
import type { Dialect } from "./tree.ts";

export interface MarkdownProps {
  text: string;
  dialect: Dialect;
  /** Whether its end is still being written. */
  isGrowing?: boolean;
}

/** A text with its Markdown and its links; as it was typed if the parser could not be loaded. */
export const Markdown = memo(({ text, dialect, isGrowing = false }: MarkdownProps) => {
  const parser = useParser();
  if (!parser || dialect === "message" && isPlain(text)) return <>{text}</>;
  return <parser.Rendered text={text} dialect={dialect} isGrowing={isGrowing} />;
});
