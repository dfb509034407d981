// npm run db:diff: says whether the migrations give exactly sql/, and fails if not.
import process from "node:process";
import { catalog, compare, describe } from "./schema/catalog.ts";
import { openDatabases } from "./schema/databases.ts";

await using databases = await openDatabases();
const [present, wanted] = await Promise.all([catalog(databases.migrated.sql), catalog(databases.wanted.sql)]);
const difference = describe(compare(present, wanted));
if (difference) {
  console.error(`${difference}\n`);
  console.error("The migrations do not give sql/ (+ is what they lack): npm run db:migration -- NAME writes one more.");
  process.exitCode = 1;
} else {
  console.log("The migrations give exactly sql/.");
}
