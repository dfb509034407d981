import { cpuTimes, memory, type PerPart } from "./processes.ts";

/** What the stack has used between two moments. */
export interface Use {
  /** Megabytes (PSS) before, after, and at most of what was seen in between; undefined where there is no /proc. */
  before: number | undefined;
  peak: number | undefined;
  after: number | undefined;
  /** How much of a core each part has used on average. */
  cores: PerPart | undefined;
}

const LOOK_EVERY = 500;

/** Watches the stack until `end` is called. */
export class Watch {
  #peak = 0;
  #timer: ReturnType<typeof setInterval>;

  private constructor(
    readonly pid: number,
    readonly before: number | undefined,
    readonly cpu: PerPart | undefined,
    readonly started = performance.now(),
  ) {
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY);
  }

  static async start(pid: number): Promise<Watch> {
    return new Watch(pid, await total(pid), await cpuTimes(pid));
  }

  async end(): Promise<Use> {
    clearInterval(this.#timer);
    const cpu = await cpuTimes(this.pid);
    const seconds = (performance.now() - this.started) / 1000;
    const cores = this.cpu && cpu && { ...cpu };
    for (const part of Object.keys(cores ?? {}) as (keyof PerPart)[]) {
      cores![part] = (cpu![part] - this.cpu![part]) / seconds;
    }
    const after = await this.#look();
    return { before: this.before, peak: after === undefined ? undefined : this.#peak, after, cores };
  }

  async #look(): Promise<number | undefined> {
    const now = await total(this.pid);
    this.#peak = Math.max(this.#peak, now ?? 0);
    return now;
  }
}

async function total(pid: number): Promise<number | undefined> {
  const parts = await memory(pid);
  return parts && Object.values(parts).reduce((sum, size) => sum + size, 0);
}
