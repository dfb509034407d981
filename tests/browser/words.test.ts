import { expect, test } from "vitest";
import { Words } from "../../client/web/src/words/words.ts";

const { t } = new Words("en");
const [FSI, PDI, RLO, RLI] = ["\u2068", "\u2069", "\u202e", "\u2067"];
const said = (name: string) => t("message.replying", { name });

test.each([
  ["a plain name stays unchanged", "ann", "Reply to ann"],
  ["a right-to-left name is isolated", "דנה", `Reply to ${FSI}דנה${PDI}`],
  ["a mark that reverses the text ends with the name", `ann${RLO}`, `Reply to ${FSI}ann${RLO}${PDI}`],
  ["an unclosed isolate ends with the name", `ann${RLI}`, `Reply to ${FSI}ann${RLI}${PDI}${PDI}`],
  ["an end without a beginning does not end the isolate", `${PDI}ann${RLO}`, `Reply to ${FSI}ann${RLO}${PDI}`],
])("%s", (_, name, sentence) => expect(said(name)).toBe(sentence));
