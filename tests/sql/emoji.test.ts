import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import postgres from "postgres";
import { expect, inject, test } from "vitest";

const { resolve } = createRequire(import.meta.url);

/** The spelling that Unicode recommends for interchange. */
const RECOMMENDED = new RegExp("^\\p{RGI_Emoji}$", "v");

test("every emoji of the page's picker is a reaction, in one spelling, which is the recommended one", async () => {
  const data = await readFile(resolve("emoji-picker-element-data/en/emojibase/data.json"), "utf8");
  const emoji = (JSON.parse(data) as { emoji: string }[]).map(({ emoji }) => emoji);
  expect(emoji.length).toBeGreaterThan(1800);
  await using sql = Object.assign(postgres(inject("status").db_url, { max: 1 }), {
    [Symbol.asyncDispose]: () => sql.end(),
  });
  const spelled = await sql`
    select emoji, chat_private.emoji(emoji) as as_it_is, chat_private.emoji(translate(emoji, ${"\uFE0F"}, '')) as bare
    from unnest(${emoji}::text[]) as emoji`;
  expect(spelled.filter(({ as_it_is, bare }) => !RECOMMENDED.test(as_it_is) || bare !== as_it_is)).toEqual([]);
});
