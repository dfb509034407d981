import { createWriteStream, type WriteStream } from "node:fs";

/** A row that was left out, or came in another form. */
export interface Note {
  /** What it is: person, room, message … */
  kind: string;
  source_id: string;
  reason: string;
  /** Whether something is missing here. */
  is_lost: boolean;
  /** What exactly, such as a name. */
  detail?: string | null;
}

const MAX_LISTED = 20;
const count = (number: number) => number.toLocaleString("en");

/** What is said of an import: the first notes of each reason are printed, and all of them are written to a file. */
export class Report {
  readonly #listed = new Map<string, { is_lost: boolean; ids: string[]; count: number }>();
  readonly #lost = new Map<string, number>();
  readonly #file: WriteStream | undefined;

  constructor(readonly path?: string, private readonly nameOf = (id: string) => id) {
    this.#file = path === undefined ? undefined : createWriteStream(path);
  }

  add({ kind, reason, is_lost, ...note }: Note): void {
    const [source_id, detail] = [this.nameOf(note.source_id), note.detail && this.nameOf(note.detail)];
    this.#file?.write(`${[is_lost ? "left out" : "changed", kind, source_id, reason, detail ?? ""].join("\t")}\n`);
    const key = `${kind} ${reason}`;
    const listed = this.#listed.get(key) ?? { is_lost, ids: [], count: 0 };
    // What the database says of a room may differ from room to room.
    if (this.#listed.size < MAX_LISTED * 10 || this.#listed.has(key)) this.#listed.set(key, listed);
    listed.count++;
    if (listed.ids.length < MAX_LISTED) listed.ids.push(detail ? `${source_id} (${detail})` : source_id);
    if (is_lost) this.#lost.set(kind, (this.#lost.get(kind) ?? 0) + 1);
  }

  /** How many rows of a kind were left out, or all rows. */
  lost(kind?: string): number {
    if (kind !== undefined) return this.#lost.get(kind) ?? 0;
    return [...this.#lost.values()].reduce((sum, one) => sum + one, 0);
  }

  /** Writes the file to its end; returns the sentences. */
  async end(): Promise<string> {
    if (this.#file) await new Promise((resolve) => this.#file!.end(resolve));
    const part = (isLost: boolean) =>
      [...this.#listed].filter(([, { is_lost }]) => is_lost === isLost).map(([key, listed]) => this.#line(key, listed));
    const [lost, changed] = [part(true), part(false)];
    return [
      ...(changed.length > 0 ? ["Different from before:", ...changed] : []),
      ...(lost.length > 0 ? ["Left out:", ...lost] : []),
      ...(this.path ? [`${this.path} lists all of them.`] : []),
    ].join("\n");
  }

  #line(key: string, { ids, count: total }: { ids: string[]; count: number }): string {
    const [kind = "", ...reason] = key.split(" ");
    const more = total > ids.length ? ` and ${count(total - ids.length)} more` : "";
    // Several rows are looked at at once, and end in any order.
    const ordered = ids.sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
    return `  ${kind} ${ordered.join(", ")}${more}: ${reason.join(" ")}`;
  }
}
