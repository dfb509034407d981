import { cpuTimes, memory, type PerPart } from "./processes.ts";

/** The stack's use between two moments. */
export interface Use {
  /** Megabytes (PSS) before and after, and the peak; undefined where there is no /proc. */
  before: PerPart | undefined;
  peak: number;
  /** Megabytes of all parts, twice a second. */
  seen: number[];
  after: PerPart | undefined;
  /** How much of a core each part has used on average. */
  cores: PerPart | undefined;
}

const LOOK_EVERY = 500;

/** Watches the stack until `end` is called. */
export class Watch {
  readonly #seen: number[] = [];
  #timer: ReturnType<typeof setInterval>;

  private constructor(
    readonly pid: number,
    readonly before: PerPart | undefined,
    readonly cpu: PerPart | undefined,
    readonly started = performance.now(),
  ) {
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY);
  }

  static async start(pid: number): Promise<Watch> {
    return new Watch(pid, await memory(pid), await cpuTimes(pid));
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
    return { before: this.before, peak: Math.max(...this.#seen), seen: this.#seen, after, cores };
  }

  async #look(): Promise<PerPart | undefined> {
    const now = await memory(this.pid);
    this.#seen.push(total(now) ?? 0);
    return now;
  }
}

/** Of all parts together. */
export function total(parts: PerPart | undefined): number | undefined {
  return parts && Object.values(parts).reduce((sum, size) => sum + size, 0);
}
