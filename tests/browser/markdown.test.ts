import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GrowingText } from "../../client/web/src/markdown/growing_text.ts";
import { parse, plain } from "../../client/web/src/markdown/parser.ts";
import type { Block, Dialect, Inline } from "../../client/web/src/markdown/tree.ts";

/** Blocks in a short notation: `strong(b)`, `list(1. a, 2. b)`. */
const written = (blocks: readonly Block[]): string => blocks.map(writtenBlock).join(" ¶ ");

function writtenBlock(block: Block): string {
  switch (block.type) {
    case "paragraph":
      return pieces(block.children);
    case "heading":
      return `h${block.level}(${pieces(block.children)})`;
    case "code":
      return `code(${block.language}: ${block.text})`;
    case "quote":
      return `quote(${written(block.children)})`;
    case "rule":
      return "rule()";
    case "table":
      return `table(${
        [block.head, ...block.rows].map((row) =>
          row.map((cell) => (cell.align ?? "") + pieces(cell.children)).join("|")
        )
          .join(", ")
      })`;
    case "list":
      return `list(${
        block.items.map(({ number, isDone, children }) =>
          `${isDone === undefined ? number === undefined ? "-" : `${number}.` : isDone ? "x" : "o"} ${
            written(children)
          }`
        ).join(", ")
      })`;
  }
}

const pieces = (list: readonly Inline[]): string =>
  list.map((piece) =>
    typeof piece === "string"
      ? piece
      : piece.type === "code"
      ? `code(${piece.text})`
      : piece.type === "link"
      ? `link(${pieces(piece.children)} → ${piece.href})`
      : `${piece.type}(${pieces(piece.children)})`
  ).join("");

const message = (text: string) => written(parse(text, "message"));
const document = (text: string, isGrowing = false) => written(parse(text, "document", isGrowing));

describe("Markdown", () => {
  test.each([
    ["**b** and *i* or _i_", "strong(b) and em(i) or em(i)"],
    ["***both***, **a *b* c**", "em(strong(both)), strong(a em(b) c)"],
    ["~~gone~~ and `a*b*c`", "s(gone) and code(a*b*c)"],
    ["**важно**: 中**文**字", "strong(важно): 中strong(文)字"],
    ["one\ntwo", "one\ntwo"],
    ["```js\nlet a\n\n  b\n```\nafter", "code(js: let a\n\n  b) ¶ after"],
    ["```\nnever closed", "code(: never closed)"],
    ["a\n- b\n- c\n  - d\n  - e\nf", "a ¶ list(- b, - c ¶ list(- d, - e)) ¶ f"],
    ["3. c\n5. e", "list(3. c, 5. e)"],
    ["- [x] done\n- [ ] open", "list(x done, o open)"],
    ["> said\nanswered", "quote(said) ¶ answered"],
    ["> one\n> two\n> - a\n> - b", "quote(one\ntwo ¶ list(- a, - b))"],
    ["|a|b|\n|-|:-:|\n|1|**2**|", "table(a|centerb, 1|centerstrong(2))"],
    ["[docs](https://a.example/x_y_z)", "link(docs → https://a.example/x_y_z)"],
    ["[**bold**](mailto:a@a.example)", "link(strong(bold) → mailto:a@a.example)"],
    ["![alt](https://a.example/i.png)", "link(alt → https://a.example/i.png)"],
    [
      "https://a.example/a_b_c and **https://b.example**",
      [
        "link(https://a.example/a_b_c → https://a.example/a_b_c) and",
        "strong(link(https://b.example → https://b.example))",
      ].join(" "),
    ],
  ])("%j in a message", (text, shown) => expect(message(text)).toBe(shown));

  test.each([
    "2 * 3 * 4",
    "2*3*4 = 24, a*b*c, x = 2**3**2",
    "snake_case_name, __init__.py, _, __",
    "#channel",
    "# 1 in the list\n## 2",
    "  /\\_/\\\n ( o.o )\n  > ^ <",
    "¯\\_(ツ)_/¯",
    "C:\\Users\\*.txt, src/*/index.*, **/*.ts, /* c */, ~/a_b/~",
    "1.",
    "5. May, of course",
    "- Привет",
    "-5 degrees, +1, --help",
    "Title\n---\n***\n===",
    ">_< >:( ->",
    "1234567890123456789012345678901234567890",
    "12345678901. long",
    "    four spaces\n\n\n\tand a tab",
    "[x]: https is no link, [1], [a](b), [x](javascript:alert), a[0](1)",
    "&amp; &copy; &#60; <b>bold</b> <script>alert</script> <!-- c -->",
    "a ~ b ~5 ~~~ `",
    "f**** you ****",
    "| a | b |",
    "* * *",
    "a  \nb\\\nc",
    "$x_1 * y_2$",
    "*args, **kwargs",
  ])("%j stays as typed", (text) => {
    const blocks = parse(text, "message");
    const lines = blocks.map((block, index) => {
      const before = blocks[index - 1];
      return "\n".repeat(before ? block.line - before.end + 1 : 0) + writtenBlock(block);
    });
    expect(lines.join("")).toBe(text);
    expect(blocks.every(({ type }) => type === "paragraph")).toBe(true);
  });

  test.each([
    ["# T\n\n---\n\n- one", "h1(T) ¶ rule() ¶ list(- one)"],
    ["\\*no\\* <b>x</b>", "*no* <b>x</b>"],
  ])("%j in a reply", (text, shown) => expect(document(text)).toBe(shown));

  test.each([
    ["a **bo", "a strong(bo)"],
    ["a **", "a "],
    ["*a **b", "em(a strong(b))"],
    ["a `co", "a code(co)"],
    ["see [docs](https://a.exa", "see docs"],
    ["- a\n- ~~b", "list(- a, - s(b))"],
    ["```js\nlet *a", "code(js: let *a)"],
    ["x\n\n| a | b |", "x"],
    ["2 * 3", "2 * 3"],
  ])("%j while it is written", (text, shown) => expect(document(text, true)).toBe(shown));

  test.each([
    ["**b** `c` [d](https://a.example) ~~e~~", "b c d e"],
    ["- a\n- [x] b\n\n2. c\n3. d", "• a\n☑ b\n2. c\n3. d"],
    ["> q\n\n```js\ncode\n```\n|a|b|\n|-|-|\n|1|2|", "q\ncode\na | b\n1 | 2"],
  ])("%j as plain text", (text, expected) => expect(plain(parse(text, "message"))).toBe(expected));
});

const LINES = fc.constantFrom(
  "word ",
  "**",
  "*",
  "_",
  "`",
  "~~",
  "\n",
  "\n\n",
  "- ",
  "1. ",
  "2",
  "> ",
  "```\n",
  "# ",
  "|a|b|\n|-|-|\n",
  "|",
  "  ",
  "[x](",
  "https://a.example",
  ")",
  "- [ ] ",
);

test.each<Dialect>(["message", "document"])("a %s that comes in parts ends as if it had come at once", (dialect) => {
  fc.assert(
    fc.property(fc.array(LINES, { minLength: 1, maxLength: 40 }), (parts) => {
      const growing = new GrowingText(dialect);
      for (let count = 1; count < parts.length; count++) growing.read(parts.slice(0, count).join(""), true);
      const text = parts.join("");
      const outer = (blocks: readonly Block[]) => blocks.map((block) => [block.line, block.end, writtenBlock(block)]);
      expect(outer(growing.read(text, false))).toEqual(outer(parse(text, dialect)));
    }),
    { numRuns: 2_000 },
  );
});

test("a table that comes to nothing becomes part of the paragraph before it", () => {
  const growing = new GrowingText("document");
  expect(growing.read("word\n|a\n|-", true)).toHaveLength(2);
  expect(written(growing.read("word\n|a\n|- b", true))).toBe(document("word\n|a\n|- b", true));
});

test("while a text grows, only its last blocks are parsed again", () => {
  const growing = new GrowingText("document");
  const before = growing.read("one\n\n# two\n\nthr", true);
  const after = growing.read("one\n\n# two\n\nthree **four", true);
  expect(after[0]).toBe(before[0]);
  expect(after[1]).toBe(before[1]);
  expect(written(after.slice(2))).toBe("three strong(four)");
});

test.each([
  ["prose", (index: number) => `Some **bold** and *it* \`code\` at https://a.example/${index}.\n\n- a\n- b\n\n`],
  ["stars", () => "*a **b "],
  ["nested stars", (index: number) => index < 8_000 ? "*a **a " : "a** a* "],
  ["nested strikes", (index: number) => index < 12_000 ? "~~a " : "a~~ "],
  ["brackets", () => "["],
  ["images", () => "!["],
  ["closed images", (index: number) => index < 15_000 ? "![" : "](https://a.example)"],
  ["ticks", (index: number) => "`".repeat(index % 50) + "a"],
  ["quotes", () => "> "],
  ["lists", () => "- "],
  ["deep lists", (index: number) => `${" ".repeat(index % 200)}- a\n`],
  ["tables", () => "|a|b|\n|-|-|\n"],
  ["addresses", (index: number) => `https://a.example/${index} `],
])("100 kB of %s take seconds at most, also on a busy machine, and do not nest without end", (_, part) => {
  let text = "";
  for (let index = 0; text.length < 100_000; index++) text += part(index);
  for (const dialect of ["message", "document"] as const) {
    const started = performance.now();
    const blocks = parse(text, dialect);
    plain(blocks);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(depthOf(blocks)).toBeLessThan(1_500);
  }
});

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce((depth, inner) => Math.max(depth, depthOf(inner)), 0);
}
