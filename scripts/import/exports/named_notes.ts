import type { Note, Report } from "../writer/report.ts";
import { numberOf } from "./hashes.ts";
import type { Spool } from "./spool.ts";

/** To find the names, all records are read: not for each note. */
const MAX_WAITING = 10_000;

/** Reports what the database says of rows, which it knows by numbers, with the ids that they have in the export. */
export class NamedNotes {
  #waiting: Note[] = [];

  constructor(private readonly spool: Spool, private readonly report: Report) {}

  add(note: Note): void {
    this.#waiting.push(note);
    if (this.#waiting.length >= MAX_WAITING) this.flush();
  }

  /** Reports all that were added. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const names = this.#names(new Set(this.#waiting.map(({ source_id }) => source_id)));
    for (const note of this.#waiting) {
      this.report.add({ ...note, source_id: names.get(note.source_id) ?? note.source_id });
    }
    this.#waiting = [];
  }

  #names(numbers: Set<string>): Map<string, string> {
    const names = new Map<string, string>();
    const add = (number: string, id: string) => void (numbers.has(number) && names.set(number, id));
    for (const people of this.spool.people()) for (const { id } of people) add(numberOf("person", id), id);
    for (const rooms of this.spool.rooms()) for (const { id } of rooms) add(numberOf("room", id), id);
    for (const { room, pin } of this.spool.pins(0, Number.MAX_SAFE_INTEGER)) {
      add(numberOf("pin", room, String(pin.message)), `${room}/${pin.message}`);
    }
    if (names.size === numbers.size) return names;
    for (const { room, message } of this.spool.messages(0, Number.MAX_SAFE_INTEGER)) {
      add(numberOf("message", room, String(message.id)), `${room}/${message.id}`);
    }
    return names;
  }
}
