import { describe, expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { runImport, sampleRoom } from "./sample.ts";

const sample = await sampleRoom("malformed", "a3");

describe("malformed lines", () => {
  const spoil = (line: number, change: (line: string) => string) => {
    const index = line - 1;
    return sample.lines.map((text, at) => at === index ? `${change(text.trimEnd())}\r` : text).join("\n");
  };
  // A line that is a record by itself, counted from 1.
  const single = () =>
    1 + sample.lines.findIndex((line, index) => index > 5 && line.split("\t").length === 7 && !line.includes('"'));

  test.each([
    ["a missing column", (line: string) => line.replace(/\t[^\t]*$/, ""), "6 columns instead of 7"],
    [
      "a bad timestamp",
      (line: string) => line.replace(/\t2016-\d\d-\d\d/, "\t2016-02-30"),
      "is not an ISO 8601 timestamp",
    ],
    ["no message id", (line: string) => line.replace(/a3c[0-9a-f]{21}/, ""), "no message id"],
    ["a text too long", (line: string) => `${line}${"ы".repeat(10_001)}`, /a text of 10\d\d\d characters/],
    ["a NUL", (line: string) => `${line}\0`, "a NUL character"],
    [
      "an open quote",
      (line: string) => line.replace(/\t([^\t]*)$/, '\t"$1'),
      /a quote that is not closed|after a closing quote/,
    ],
    ["a stray quote", (line: string) => `${line} "x"`, "a quote inside a field that is not quoted"],
  ])("%s is named by its number, and nothing is imported", async (_name, change, reason) => {
    const line = single();
    const path = await sample.write(spoil(line, change));
    const refused = await runImport(path);
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain(`1 malformed line:\n  line ${line}: `);
    expect(refused.errors).toMatch(reason);
    expect(await sample.row()).toBeUndefined();

    const skipped = await runImport(path, "--skip-bad");
    expect(skipped.code).toBe(0);
    expect(skipped.output).toContain(`Skipped 1 malformed line:\n  line ${line}: `);
    expect(skipped.output).toContain("199 messages added");
  });

  test("include invalid UTF-8", async () => {
    const line = single();
    const bytes = Buffer.from(spoil(line, (text) => `${text}@@`), "utf8");
    bytes[bytes.indexOf("@@")] = 0xff;
    const { errors } = await runImport(await sample.write(bytes));
    expect(errors).toContain(`line ${line}: invalid UTF-8`);
  });

  test("are counted, and the first 20 listed", async () => {
    const bad = Array.from({ length: 25 }, (_, index) => `bad ${index}`).join("\r\n");
    const { errors } = await runImport(await sample.write(`${bad}\r\n${sample.lines.join("\n")}`));
    expect(errors).toContain("25 malformed lines:");
    expect(errors.match(/ {2}line \d+:/g)).toHaveLength(20);
    expect(errors).toContain("… and 5 more");
  });
});

describe("refusals", () => {
  test("a room that users created keeps its slug", async () => {
    const { id } = await newUser("owner");
    await sample
      .sql`insert into chat.rooms (kind, slug, name, created_by) values ('group', ${sample.slug}, 'Ours', ${id})`;
    const { code, errors } = await runImport(sample.file);
    expect([code, errors]).toEqual([1, expect.stringContaining(`The slug ${sample.slug} belongs to another room.`)]);
    expect(await sample.history()).toHaveLength(0);
  });

  test("a missing file, and unknown options", async () => {
    expect(await runImport("missing.tsv")).toMatchObject({ code: 1, errors: "There is no file missing.tsv.\n" });
    expect((await runImport(sample.file, "--fast")).errors).toMatch(/Unknown option '--fast'/);
    expect((await runImport()).errors).toContain("npm run import -- FILE");
  });
});
