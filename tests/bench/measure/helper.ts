import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A process of `load/` that executes commands, one after the other. */
export class Helper {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #kill = () => void this.#child.kill("SIGKILL");
  /** Seconds of processor time that it had used at its last reply. */
  cpu = 0;

  constructor(readonly name: "readers" | "senders") {
    const script = fileURLToPath(new URL(`../load/${name}.mjs`, import.meta.url));
    this.#child = spawn(process.env.npm_node_execpath ?? "node", [script], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = (createInterface({ input: this.#child.stdout! }) as Interface)[Symbol.asyncIterator]();
    process.once("exit", this.#kill);
  }

  /**
   * Sends a command and resolves to the reply.
   * @throws Error when the process has ended.
   */
  async ask<Answer extends object>(command: string, job: object = {}): Promise<Answer> {
    this.#child.stdin!.write(JSON.stringify({ command, ...job }) + "\n");
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`The process ${this.name} ended at the command ${command}.`);
    const { cpu, ...answer } = JSON.parse(value);
    this.cpu = cpu;
    return answer as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off("exit", this.#kill);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#kill();
    await ended;
  }
}
