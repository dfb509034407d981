import { readFile } from "node:fs/promises";
import type { Segment } from "./statements.ts";

/** How long a migration waits for a lock before it gives up, and holds up those who wait behind it. */
const LOCK_TIMEOUT = "5s";

const source = async (name: string) =>
  (await readFile(new URL(`../../sql/${name}.sql`, import.meta.url), "utf8")).trim();

/** The texts of the migration's files: one for each transaction, and for each statement that runs in none. */
export async function render(name: string, segments: Segment[]): Promise<string[]> {
  const [before, after] = await Promise.all(["015_default_grants", "900_grants"].map(source));
  return segments.map(({ statements, isTransaction, makesObjects }, index) => {
    const place = segments.length > 1 ? `, ${index + 1} of ${segments.length}` : "";
    const header =
      `-- ${name}${place}: written by \`npm run db:migration\` from the difference of sql/, then read by a person.`;
    const settings = [`set local lock_timeout = '${LOCK_TIMEOUT}';`, "set local check_function_bodies = off;"];
    const parts = [
      header,
      ...(isTransaction ? [settings.join("\n")] : []),
      ...(makesObjects ? [`-- sql/015_default_grants.sql\n${before}`] : []),
      ...statements,
      ...(makesObjects ? [`-- sql/900_grants.sql\n${after}`] : []),
    ];
    return `${parts.join("\n\n")}\n`;
  });
}
