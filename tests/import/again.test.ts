import { describe, expect, test } from "vitest";
import { runImport, sampleRoom } from "./sample.ts";

const sample = await sampleRoom("again", "a2");

describe("a second import", () => {
  test("of the same file adds nothing", async () => {
    await runImport(sample.file);
    const [first, before] = [await sample.history(), await sample.row()];
    const { output } = await runImport(sample.file);
    expect(output).toMatch(/0 messages added.*\n.*200 messages were already imported/);
    expect(await sample.history()).toEqual(first);
    expect(await sample.row()).toEqual(before);
  });

  test("of a larger file adds the new messages at the end, and reports those older than the first import's", async () => {
    // The newest come first: without the first 20 lines the newest are missing, without the last 20 the oldest.
    await runImport(await sample.write(sample.records.slice(20, -20).join("")));
    const part = await sample.history();
    const { output } = await runImport(sample.file);
    expect(output).toMatch(/added messages older than the newest existing message: appended after it/);
    const all = await sample.history();
    expect(all).toHaveLength(200);
    expect(all.slice(0, part.length)).toEqual(part);
    expect(all.map(({ seq }) => Number(seq))).toEqual(all.map((_, index) => index + 1));
    expect(await sample.row()).toMatchObject({ last_seq: "200", version: "200", last_message_id: all.at(-1)?.id });
  });

  test("after a dry run adds everything, since that wrote nothing", async () => {
    const dry = await runImport(sample.file, "--dry-run");
    expect(dry.output).toContain("200 messages added");
    expect(await sample.row()).toBeUndefined();
    expect((await runImport(sample.file)).output).toContain("200 messages added");
  });

  test("in parallel adds nothing twice", async () => {
    const results = await Promise.all([runImport(sample.file), runImport(sample.file)]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(await sample.history()).toHaveLength(200);
    expect(await sample.row()).toMatchObject({ last_seq: "200", version: "200", member_count: 12 });
  });
});
