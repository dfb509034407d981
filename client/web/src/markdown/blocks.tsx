import type { Mention } from "parley-client";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useMemo, useRef } from "preact/hooks";
import { EVERYONE, namesIn } from "../core/mentions.ts";
import { useSession } from "../core/session.ts";
import { useNames } from "../people/use_people.ts";
import { memo } from "../ui/memo.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import { CodeBlock } from "./code_block.tsx";
import { GrowingText } from "./growing_text.ts";
import { Link } from "./link.tsx";
import type { MarkdownProps } from "./markdown.tsx";
import { type Block, type Cell, type Dialect, type Inline, type Item, textOf } from "./tree.ts";

/** A text as elements; nothing that people write becomes HTML. */
export function Rendered(
  { text, dialect, isGrowing = false, mentions = NOBODY, mentionsAll = false }: MarkdownProps,
) {
  const growing = useRef<GrowingText>(undefined);
  growing.current ??= new GrowingText(dialect);
  const blocks = growing.current.read(text.replace(/\r\n?/g, "\n"), isGrowing);
  const mentioned = useMemo(() => ({ mentions, mentionsAll }), [mentions, mentionsAll]);
  return (
    <Mentioned.Provider value={mentioned}>
      <Blocks blocks={blocks} dialect={dialect} />
    </Mentioned.Provider>
  );
}

const NOBODY: readonly Mention[] = [];
const Mentioned = createContext({ mentions: NOBODY, mentionsAll: false });

/** A piece of text in which mentions stand out, by the names that people have now. */
function Words({ text }: { text: string }) {
  const { mentions, mentionsAll } = useContext(Mentioned);
  return mentions.length > 0 || mentionsAll ? <WithNames {...{ text, mentions, mentionsAll }} /> : <>{text}</>;
}

function WithNames(
  { text, mentions, mentionsAll }: { text: string; mentions: readonly Mention[]; mentionsAll: boolean },
) {
  const { me } = useSession();
  const names = useNames();
  const find = (name: string) =>
    mentions.find((mention) => mention.name.toLowerCase() === name) ??
      (mentionsAll && name === EVERYONE ? { user_id: me, name: EVERYONE } : undefined);
  const pieces: ComponentChildren[] = [];
  let done = 0;
  for (const { start, end, found: { user_id, name } } of namesIn(text, find)) {
    const shown = name === EVERYONE ? name : names.person(user_id, name);
    pieces.push(
      text.slice(done, start),
      <span key={start} class={user_id === me ? "mention own" : "mention"}>@{shown}</span>,
    );
    done = end;
  }
  return <>{pieces}{text.slice(done)}</>;
}

function Blocks({ blocks, dialect }: { blocks: readonly Block[]; dialect: Dialect }) {
  // Writers begin at any level, and leave levels out; readers' software expects none to be missing.
  const above: number[] = [];
  return (
    <>
      {blocks.map((block, index) => {
        const depth = block.type === "heading" ? depthUnder(above, block.level) : 0;
        const shown = <BlockItem key={`${block.line} ${block.type}`} {...{ block, dialect, depth }} />;
        const before = blocks[index - 1];
        const isTyped = dialect === "message" && block.type === "paragraph" && before?.type === "paragraph";
        // The lines of a message stay as far apart as they were typed.
        return isTyped ? ["\n".repeat(block.line - before.end + 1), shown] : shown;
      })}
    </>
  );
}

function depthUnder(above: number[], level: number): number {
  while ((above.at(-1) ?? 0) >= level) above.pop();
  return Math.min(above.push(level), 5);
}

interface BlockItemProps {
  block: Block;
  dialect: Dialect;
  /** How deep it is under other headings, if it is one. */
  depth: number;
}

const BlockItem = memo(({ block, dialect, depth }: BlockItemProps) => {
  switch (block.type) {
    case "paragraph": {
      const line = <Line pieces={block.children} />;
      return dialect === "message" ? line : <p>{line}</p>;
    }
    case "heading": {
      const Heading = (["h2", "h3", "h4", "h5", "h6"] as const)[depth - 1]!;
      return (
        <Heading>
          <Line pieces={block.children} />
        </Heading>
      );
    }
    case "code":
      return <CodeBlock language={block.language} text={block.text} />;
    case "rule":
      return <hr />;
    case "quote":
      return (
        <blockquote>
          <Blocks blocks={block.children} dialect={dialect} />
        </blockquote>
      );
    case "list": {
      const items = block.items.map((item, index) => <ListItem key={index} item={item} dialect={dialect} />);
      return block.isOrdered ? <ol role="list">{items}</ol> : <ul role="list">{items}</ul>;
    }
    case "table":
      return <Table head={block.head} rows={block.rows} />;
  }
});

function ListItem({ item: { number, isDone, children }, dialect }: { item: Item; dialect: Dialect }) {
  const { t } = useWords();
  // In a list without empty lines, an item is a line.
  const isLine = children[0]?.type === "paragraph" && children.slice(1).every(({ type }) => type === "list");
  return (
    <li value={number} class={isDone === undefined ? undefined : "task-item"}>
      {isDone !== undefined && (
        <input type="checkbox" checked={isDone} disabled aria-label={t(isDone ? "markdown.done" : "markdown.open")} />
      )}
      <Blocks blocks={children} dialect={isLine ? "message" : dialect} />
    </li>
  );
}

function Table({ head, rows }: { head: readonly Cell[]; rows: readonly Cell[][] }) {
  return (
    // Wide tables scroll; a scroller must be reachable by the keyboard.
    <div class="table" tabIndex={0} role="region" aria-label={head.map(({ children }) => textOf(children)).join(", ")}>
      <table>
        <thead>
          <tr>
            {head.map((cell, index) => (
              <th key={index} data-align={cell.align}>
                <Line pieces={cell.children} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, index) => (
                <td key={index} data-align={cell.align}>
                  <Line pieces={cell.children} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ pieces }: { pieces: readonly Inline[] }): ComponentChildren {
  return pieces.map((piece, index) => {
    if (typeof piece === "string") return <Words key={index} text={piece} />;
    if (piece.type === "code") return <code key={index}>{piece.text}</code>;
    const inside = <Line pieces={piece.children} />;
    switch (piece.type) {
      case "strong":
        return <strong key={index}>{inside}</strong>;
      case "em":
        return <em key={index}>{inside}</em>;
      case "s":
        return <s key={index}>{inside}</s>;
      case "link":
        return <Link key={index} href={piece.href} label={textOf(piece.children)}>{inside}</Link>;
    }
  });
}
