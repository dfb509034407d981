import { parse } from "./parser.ts";
import type { Block, Dialect } from "./tree.ts";

/** A text that may grow at its end: what was parsed before stays the same objects, except for its last blocks. */
export class GrowingText {
  readonly #dialect: Dialect;
  #text = "";
  #blocks: readonly Block[] = [];

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /**
   * Parses the text as it is now.
   * @param isGrowing whether its end is still being written
   */
  read(text: string, isGrowing: boolean): readonly Block[] {
    const kept = text.startsWith(this.#text) ? settled(this.#blocks, this.#text) : [];
    const from = kept.at(-1)?.end ?? 0;
    const added = parse(fromLine(text, from), this.#dialect, isGrowing);
    this.#text = text;
    return this.#blocks = [...kept, ...added.map((block) => moved(block, from))];
  }
}

/**
 * The blocks that nothing at the end of the text can change. What the last line is may change with each letter of it: the
 * last block may still become part of the block right before it (a table is one only while its second line is a rule), and
 * a last line part of the list above.
 */
function settled(blocks: readonly Block[], text: string): readonly Block[] {
  const [before, last] = [blocks.at(-2), blocks.at(-1)];
  if (!before || !last) return [];
  const isLastLine = last.line >= text.split("\n").length - 1;
  return blocks.slice(0, before.end === last.line || (isLastLine && before.type === "list") ? -2 : -1);
}

function fromLine(text: string, line: number): string {
  let at = 0;
  for (let count = 0; count < line; count++) at = text.indexOf("\n", at) + 1;
  return text.slice(at);
}

/** Only the lines of outer blocks are used. */
const moved = (block: Block, lines: number): Block =>
  lines === 0 ? block : { ...block, line: block.line + lines, end: block.end + lines };
