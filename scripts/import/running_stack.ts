import { join } from "node:path";
import { readStatus, type Status } from "../../local/stack_process.ts";
import { Refusal } from "./refusal.ts";

/**
 * The stack that runs on a data folder.
 * @throws Refusal when none does.
 */
export async function runningStack(data: string): Promise<Status> {
  const status = await readStatus(join(data, "status.json"));
  if (!status) throw new Refusal(`No stack runs on ${data}: run \`npm start\` in another terminal first.`);
  return status;
}
