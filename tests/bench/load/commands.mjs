import process from "node:process";
import { createInterface } from "node:readline";

/**
 * Executes commands of the parent process: each line of standard input is one, with its parameters; the reply is one line, in
 * which `cpu` is the processor time of this process so far, in seconds. Ends when the input does.
 * @param {Record<string, (job: object) => Promise<object> | object>} commands
 */
export async function obey(commands) {
  for await (const line of createInterface({ input: process.stdin })) {
    const { command, ...job } = JSON.parse(line);
    const answer = await commands[command](job);
    const { user, system } = process.cpuUsage();
    console.log(JSON.stringify({ ...answer, cpu: (user + system) / 1e6 }));
  }
  process.exit(0);
}
