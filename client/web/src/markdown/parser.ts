import Parser, { type Env, type MarkdownIt, type StateBlock, type StateInline, type Token } from "markdown-it";
import { type Address, addressesIn, isAllowed } from "./addresses.ts";
import { type Block, type Cell, type Dialect, type Inline, type Item, textOf } from "./tree.ts";

/** What only documents have. In a message, `# 1` and `---` stay as typed. */
const DOCUMENT_RULES = ["heading", "hr", "escape"];
/** What would swallow or change plain text: indented code, `Title ⏎ ---`, `[x]: y`, `&copy;`, `<tags>`, spaces at the ends of lines. */
const NO_RULES = ["code", "lheading", "reference", "html_block", "html_inline", "autolink", "entity", "newline"];

const parsers: Record<Dialect, MarkdownIt> = { message: newParser("message"), document: newParser("document") };

function newParser(dialect: Dialect): MarkdownIt {
  const parser = new Parser();
  parser.disable(NO_RULES);
  if (dialect === "message") parser.disable(DOCUMENT_RULES);
  parser.validateLink = isAllowed;
  parser.block.ruler.at("paragraph", paragraph);
  // Ends a quote before a line without a mark, which Markdown would count to the quote.
  parser.block.ruler.push(
    "quote_end",
    ({ parentType }, _line, _end, isQuestion) => isQuestion && parentType === "blockquote",
    { alt: ["blockquote"] },
  );
  parser.inline.ruler.at("text", text);
  parser.inline.ruler.at("emphasis", emphasis);
  parser.inline.ruler.before("strikethrough", "many_marks", manyMarks);
  parser.inline.ruler2.before("fragments_join", "unclosed", ({ env, delimiters, tokens }) => {
    env.unclosed = delimiters.filter(({ open, end }) => open && end < 0).map(({ token }) => tokens[token]!.content);
  });
  return parser;
}

/** Lines up to an empty one or another block, with their spaces. A line that is less indented ends the item before it. */
function paragraph(state: StateBlock, start: number, end: number): boolean {
  const ends = state.md.block.ruler.getRules("paragraph");
  const outer = state.parentType;
  state.parentType = "paragraph";
  const isOver = (line: number) =>
    state.isEmpty(line) || state.sCount[line]! < state.blkIndent || ends.some((rule) => rule(state, line, end, true));
  let line = start + 1;
  while (line < end && !isOver(line)) line++;
  state.parentType = outer;
  state.line = line;
  state.push("paragraph_open", "p", 1).map = [start, line];
  const inline = state.push("inline", "", 0);
  const lines = state.getLines(start, line, state.blkIndent, false);
  inline.content = state.blkIndent > 0 ? lines.trim() : lines;
  inline.map = [start, line];
  inline.children = [];
  state.push("paragraph_close", "p", -1);
  return true;
}

/** The addresses of a line, found once. */
const addresses = new WeakMap<StateInline, Address[]>();
/** Where another rule may begin. */
const MARKS = /[!*[\]\\_`~]/g;

/** Text up to the next mark, and addresses, whose own marks mean nothing. */
function text(state: StateInline, isSilent: boolean): boolean {
  const { pos, posMax, src } = state;
  if (!addresses.has(state)) addresses.set(state, withoutMarks(addressesIn(src), src));
  const next = state.linkLevel > 0 ? undefined : firstFrom(addresses.get(state)!, pos);
  if (next?.start === pos && next.end <= posMax) {
    if (!isSilent) {
      state.push("link_open", "a", 1).attrs = [["href", next.href]];
      state.push("text", "", 0).content = src.slice(pos, next.end);
      state.push("link_close", "a", -1);
    }
    state.pos = next.end;
    return true;
  }
  MARKS.lastIndex = pos;
  const mark = MARKS.exec(src)?.index ?? posMax;
  const end = Math.min(mark, next && next.start > pos ? next.start : posMax, posMax);
  if (end === pos) return false;
  if (!isSilent) state.pending += src.slice(pos, end);
  state.pos = end;
  return true;
}

/** Leaves the marks after an address, as in `**https://a.example**`, to their rules. */
const withoutMarks = (found: Address[], src: string): Address[] =>
  found.map(({ start, end, href }) => {
    const extra = /[*_~]*$/.exec(src.slice(start, end))![0].length;
    return extra === 0 ? { start, end, href } : { start, end: end - extra, href: href.slice(0, -extra) };
  });

/** Returns the first address that begins at a position or later. */
function firstFrom(sorted: readonly Address[], pos: number): Address | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.start < pos) low = middle + 1;
    else high = middle;
  }
  return sorted[low];
}

/** Emphasis as in Markdown, but not in `2*3*4`, `src/*`, `__init__` and their kind. */
function emphasis(state: StateInline, isSilent: boolean): boolean {
  const { pos, src } = state;
  const mark = src[pos]!;
  if (isSilent || mark !== "*" && mark !== "_") return false;
  const { can_open, can_close, length } = state.scanDelims(pos, mark === "*");
  const around = (src[pos - 1] ?? " ") + (src[pos + length] ?? " ");
  const isLiteral = /[/\\]|\w\w/.test(around) || mark === "_" && length > 1;
  for (let count = 0; count < length; count++) {
    state.push("text", "", 0).content = mark;
    state.delimiters.push({
      marker: mark.charCodeAt(0),
      length,
      token: state.tokens.length - 1,
      end: -1,
      open: can_open && !isLiteral,
      close: can_close && !isLiteral,
    });
  }
  state.pos += length;
  return true;
}

/** So many marks of one line count; each pair may be inside another. */
const MAX_MARKS = 1_000;

function manyMarks(state: StateInline, isSilent: boolean): boolean {
  const mark = state.src[state.pos]!;
  if (state.delimiters.length < MAX_MARKS || !"*_~".includes(mark)) return false;
  if (!isSilent) state.pending += mark;
  state.pos++;
  return true;
}

/**
 * Parses a text; its HTML, if any, is text.
 * @param isGrowing whether the end is still being written: what is not closed there counts as closed
 */
export function parse(text: string, dialect: Dialect, isGrowing = false): Block[] {
  const parser = parsers[dialect];
  const env: Env = {};
  const tokens = parser.parse(isGrowing ? withoutLooseEnd(text) : text, env);
  if (isGrowing) closeEnd(parser, tokens, env);
  const blocks = blocksOf(new Reader(tokens), text.split("\n"), dialect);
  return isGrowing ? blocks.filter((block, index) => index < blocks.length - 1 || !isTableHead(block)) : blocks;
}

/** Removes marks at the end that have nothing after them yet, and an address that has not ended. */
const withoutLooseEnd = (text: string): string =>
  text.replace(/\[([^[\]\n]*)\]\([^()\s]*$/, "$1").replace(/[*_~`]+$/, "");

/** Closes what is open in the last line of the last block. */
function closeEnd(parser: MarkdownIt, tokens: Token[], env: Env): void {
  const block = tokens.findLastIndex(({ level, nesting }) => level === 0 && nesting >= 0);
  const last = tokens.slice(block).findLast(({ type }) => type === "inline" || type === "fence");
  if (last?.type !== "inline") return;
  const [, ticks = ""] = /(`+)[^`]*$/.exec(last.children?.at(-1)?.content ?? "") ?? [];
  const read = (content: string) => parser.inline.parse(content, parser, env, last.children = []);
  const content = last.content.trimEnd() + ticks;
  if (ticks) read(content);
  // Set by the last line that was read.
  const marks = env.unclosed as string[] | undefined;
  if (marks?.length) read(content + marks.reverse().join(""));
}

/** Whether it may be the first lines of a table. */
const isTableHead = (block: Block): boolean =>
  block.type === "paragraph" && block.end - block.line < 3 && textOf(block.children).startsWith("|");

/** Reads tokens one after the other. */
class Reader {
  #at = 0;
  constructor(readonly tokens: readonly Token[]) {}

  get isOver(): boolean {
    return this.#at >= this.tokens.length;
  }
  peek(): Token {
    return this.tokens[this.#at]!;
  }
  next(): Token {
    return this.tokens[this.#at++]!;
  }
  /** Reads what is inside the element that was opened, and its end. */
  inside<T>(read: () => T): T[] {
    const found: T[] = [];
    while (!this.isOver && this.peek().nesting >= 0) found.push(read());
    this.next();
    return found;
  }
}

function blocksOf(reader: Reader, lines: readonly string[], dialect: Dialect): Block[] {
  const blocks: Block[] = [];
  while (!reader.isOver) blocks.push(blockOf(reader, lines, dialect));
  return blocks;
}

function blockOf(reader: Reader, lines: readonly string[], dialect: Dialect): Block {
  const token = reader.next();
  const [line, end] = token.map ?? [0, 0];
  const place = { line, end };
  const inside = () => reader.inside(() => blockOf(reader, lines, dialect));
  switch (token.type) {
    case "paragraph_open":
      return { ...place, type: "paragraph", children: lineOf(reader) };
    case "heading_open":
      return { ...place, type: "heading", level: Number(token.tag.slice(1)), children: lineOf(reader) };
    case "fence":
      return {
        ...place,
        type: "code",
        language: /^\S*/.exec(token.info.trim())![0],
        text: token.content.replace(/\n$/, ""),
      };
    case "hr":
      return { ...place, type: "rule" };
    case "blockquote_open": {
      const quote: Block = { ...place, type: "quote", children: inside() };
      return dialect === "document" || isQuote(lines[line]!) ? quote : asTyped(place, lines);
    }
    case "table_open":
      return { ...place, type: "table", ...tableOf(reader) };
    default: {
      const isOrdered = token.type === "ordered_list_open";
      const items = reader.inside(() => itemOf(reader.next(), inside));
      const isList = dialect === "document" || items.length > 1 || items[0]?.isDone !== undefined;
      return isList ? { ...place, type: "list", isOrdered, items } : asTyped(place, lines);
    }
  }
}

/** Not `>_<`, and not a part of a drawing. */
const isQuote = (line: string): boolean => /^>(?: |$)/.test(line);

/** A quote or a list that is none in a message: a drawing, or a sentence after a hyphen or a number. */
const asTyped = (place: { line: number; end: number }, lines: readonly string[]): Block => ({
  ...place,
  type: "paragraph",
  children: inlines(parsers.message.parseInline(lines.slice(place.line, place.end).join("\n").trimEnd(), {})),
});

/** The line inside a block, which is its only content. */
function lineOf(reader: Reader): Inline[] {
  const found = inlines([reader.next()]);
  reader.next();
  return found;
}

function itemOf(token: Token, inside: () => Block[]): Item {
  const children = inside();
  const first = children[0];
  const start = first?.type === "paragraph" ? first.children[0] : undefined;
  const [box, state] = typeof start === "string" ? /^\[([ xX])\] /.exec(start) ?? [] : [];
  if (box !== undefined && first?.type === "paragraph") {
    first.children[0] = (start as string).slice(box.length);
  }
  return {
    number: token.info ? Number(token.info) : undefined,
    isDone: state === undefined ? undefined : state !== " ",
    children,
  };
}

function tableOf(reader: Reader): { head: Cell[]; rows: Cell[][] } {
  const row = () => {
    reader.next();
    return reader.inside(() => {
      const align = /text-align:(left|center|right)/.exec(String(reader.next().attrGet("style")))?.[1];
      return { align: align as Cell["align"], children: lineOf(reader) };
    });
  };
  const [[head = []] = [], ...bodies] = reader.inside(() => {
    reader.next();
    return reader.inside(row);
  });
  return { head, rows: bodies.flat() };
}

/** The pieces of lines. */
function inlines(lines: readonly Token[]): Inline[] {
  const reader = new Reader(lines.flatMap(({ children }) => children ?? []));
  const found: Inline[] = [];
  while (!reader.isOver) add(found, inlineOf(reader));
  return found;
}

function inlineOf(reader: Reader): Inline {
  const token = reader.next();
  const inside = () => {
    const found: Inline[] = [];
    reader.inside(() => add(found, inlineOf(reader)));
    return found;
  };
  switch (token.type) {
    case "strong_open":
      return { type: "strong", children: inside() };
    case "em_open":
      return { type: "em", children: inside() };
    case "s_open":
      return { type: "s", children: inside() };
    case "code_inline":
      return { type: "code", text: token.content };
    case "link_open":
      return { type: "link", href: String(token.attrGet("href")), children: inside() };
    case "image": {
      const href = String(token.attrGet("src"));
      return { type: "link", href, children: [token.content || href] };
    }
    case "hardbreak":
      return "\n";
    default:
      return token.content;
  }
}

function add(list: Inline[], piece: Inline): void {
  const last = list.at(-1);
  if (piece === "") return;
  if (typeof piece === "string" && typeof last === "string") list[list.length - 1] = last + piece;
  else list.push(piece);
}

/** Returns blocks as plain text. */
export function plain(blocks: readonly Block[]): string {
  return blocks.map(plainBlock).filter(Boolean).join("\n");
}

function plainBlock(block: Block): string {
  switch (block.type) {
    case "paragraph":
    case "heading":
      return textOf(block.children);
    case "code":
      return block.text;
    case "list":
      return block.items.map(plainItem).join("\n");
    case "quote":
      return plain(block.children);
    case "table":
      return [block.head, ...block.rows].map((row) => row.map(({ children }) => textOf(children)).join(" | "))
        .join("\n");
    case "rule":
      return "";
  }
}

function plainItem({ number, isDone, children }: Item): string {
  const mark = isDone === undefined ? number === undefined ? "•" : `${number}.` : isDone ? "☑" : "☐";
  return `${mark} ${plain(children)}`;
}
