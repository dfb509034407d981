import type { Mention } from "parley-client";
import { memo } from "../ui/memo.ts";
import { useParser } from "./load.ts";
import { isPlain } from "./plain_text.ts";
import type { Dialect } from "./tree.ts";

export interface MarkdownProps {
  text: string;
  dialect: Dialect;
  /** Whether its end is still being written. */
  isGrowing?: boolean;
  /** Whom a message mentions. */
  mentions?: readonly Mention[];
  mentionsAll?: boolean;
}

/** A text with its Markdown and its links; as it was typed if the parser could not be loaded. */
export const Markdown = memo((props: MarkdownProps) => {
  const { text, dialect } = props;
  const parser = useParser();
  if (!parser || dialect === "message" && isPlain(text)) return <>{text}</>;
  return <parser.Rendered {...props} />;
});
