import { writeFile } from "node:fs/promises";
import { createClient } from "@hey-api/openapi-ts";
import openapiTS, { astToString } from "openapi-typescript";

/** Writes the client of an OpenAPI document by both generators: `schema.ts` for openapi-fetch, and `sdk/` by hey-api. */
export async function generate(address: string, folder: string): Promise<void> {
  await writeFile(`${folder}/schema.ts`, astToString(await openapiTS(new URL(address))));
  await createClient({ input: address, output: `${folder}/sdk`, logs: { level: "silent", file: false } });
}
