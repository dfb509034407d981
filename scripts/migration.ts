// npm run db:migration -- NAME: writes what sql/ has and the migrations have not to supabase/migrations/<time>_parley_<NAME>.sql.
import process from "node:process";
import { writeMigration } from "./schema/migration.ts";

const [name = ""] = process.argv.slice(2);
if (!/^[a-z][a-z0-9_]*$/.test(name)) {
  console.error("Usage: npm run db:migration -- NAME, where the name says what changes, as in add_stars.");
  process.exit(2);
}
const { paths, left } = await writeMigration(name);
for (const path of paths) console.log(`Wrote ${path}.`);
if (left) console.log(`\nStill to be written by hand (+ is what the migrations lack):\n${left}`);
console.log(
  paths.length > 0
    ? "\nRead it: are the locks short, are large tables changed in batches, is nothing lost?"
    : "The migrations give exactly sql/: there is nothing to write.",
);
