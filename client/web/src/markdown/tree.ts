/** A piece of a line: text, or something around pieces. */
export type Inline =
  | string
  | { type: "strong" | "em" | "s"; children: Inline[] }
  | { type: "code"; text: string }
  | { type: "link"; href: string; children: Inline[] };

/** A part of a text that begins on a line of its own. */
export type Block =
  & { line: number; end: number }
  & (
    | { type: "paragraph"; children: Inline[] }
    | { type: "heading"; level: number; children: Inline[] }
    | { type: "code"; language: string; text: string }
    | { type: "list"; isOrdered: boolean; items: Item[] }
    | { type: "quote"; children: Block[] }
    | { type: "table"; head: Cell[]; rows: Cell[][] }
    | { type: "rule" }
  );

export interface Item {
  /** The number as written, in an ordered list. */
  number: number | undefined;
  /** Whether a task is done; undefined where the item is none. */
  isDone: boolean | undefined;
  children: Block[];
}

export interface Cell {
  align: "left" | "center" | "right" | undefined;
  children: Inline[];
}

/** People write messages as plain text with some marks; the assistant writes whole documents. */
export type Dialect = "message" | "document";

/** Returns the text of pieces of a line. */
export const textOf = (pieces: readonly Inline[]): string =>
  pieces.map((piece) => typeof piece === "string" ? piece : piece.type === "code" ? piece.text : textOf(piece.children))
    .join("");
