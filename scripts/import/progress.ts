import process from "node:process";

const WIDTH = 30;

/** A progress bar on a terminal, one line for each step elsewhere. */
export class Progress {
  #step = "";
  #shown = -1;

  /** Shows that `part` of the step is done, from 0 to 1. */
  show(step: string, part: number): void {
    const percent = Math.floor(Math.min(part, 1) * 100);
    if (step === this.#step && percent === this.#shown) return;
    if (process.stderr.isTTY) this.#draw(step, percent);
    else if (percent === 100) process.stderr.write(`${step}: done\n`);
    this.#step = step;
    this.#shown = percent;
  }

  /** Removes the bar. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }

  #draw(step: string, percent: number): void {
    const filled = Math.round(percent * WIDTH / 100);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    process.stderr.write(`\r\x1b[K${bar} ${String(percent).padStart(3)} %  ${step}`);
  }
}
