import process from "node:process";
import { expect, test } from "vitest";
import { partsOf } from "../../client/web/src/core/matches.ts";

/** The parts as a text, with what is marked in brackets. */
const shown = (text: string, query: string) =>
  partsOf(text, query).map(({ text, isMatch }) => isMatch ? `[${text}]` : text).join("");

test.each([
  ["the query as it is", "green tea, black tea", "tea", "green [tea], black [tea]"],
  ["a part of a word", "the engineers", "ngin", "the e[ngin]eers"],
  ["letters in any case and with accents", "CAFÉ Müller", "cafe mul", "[CAFÉ Mül]ler"],
  ["letters that fold to more than one", "Straße ﬁne", "fin", "Straße [ﬁn]e"],
  ["words apart from each other", "tea in the kettle", "kettle tea", "[tea] in the [kettle]"],
  ["words in another form", "engineers were running", "run", "engineers were [run]ning"],
  ["Russian words in another form", "Мы купили новые машины", "машинами", "Мы купили новые [машины]"],
  ["words of a query with operators", "fog over the kettle", '"kettle fog" or tea', "[fog] over the [kettle]"],
  ["nothing for other words that begin alike", "an interview online", "internet", "an interview online"],
  ["nothing for an empty query", "some tea", " ", "some tea"],
  ["signs as they are", "100% of [it]", "[it]", "100% of [[it]]"],
  ["emoji whole", "so 👍🏽 good", "👍🏽", "so [👍🏽] good"],
])("a search marks %s", (_, text, query, marked) => expect(shown(text, query)).toBe(marked));

test("a long text begins shortly before the first match, at a word", () => {
  expect(shown(`${"far away ".repeat(20)}and tea ${"later ".repeat(3)}`, "tea")).toBe(
    "…far away far away and [tea] later later later ",
  );
  expect(shown(`${"a".repeat(100)}tea`, "tea")).toBe("…[tea]");
});

test("marking ten thousand letters takes little time", () => {
  const text = "lorem ipsum dolor ".repeat(555);
  // Time of the processor: others may use it at the same time.
  const before = process.cpuUsage();
  partsOf(text, "dolors amet");
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(200);
});
