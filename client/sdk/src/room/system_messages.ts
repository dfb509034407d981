import type { Connection } from "../connection/connection.ts";
import type { Change } from "../contract/events.ts";
import type { NewestSystemMessages, SystemMessage } from "../data/system_message.ts";

/** Seqs from the first to the last one. */
interface Range {
  from: number;
  to: number;
}

/** The system messages of a room: those of its changes, and those that are read for the messages that are shown. */
export class SystemMessages {
  #all: readonly SystemMessage[] = [];
  #asked: Range | undefined;
  /** None is missing after the messages from this seq on. */
  #completeFrom = Infinity;
  #view: { all: unknown; range: Range; shown: readonly SystemMessage[] } | undefined;

  constructor(readonly connection: Connection, readonly roomId: number) {}

  /** Adds those of changes. */
  apply(changes: readonly Change[]): void {
    for (const { version, ...change } of changes) {
      const said = "system_message" in change && change.system_message;
      if (said) {
        this.#keep([{
          ...said,
          version,
          people: said.user_id ? [{ user_id: said.user_id, username: said.username }] : [],
        }]);
      }
    }
  }

  /** Takes those that were read with the room. What else was read is read again: some may have been missed. */
  replaceNewest({ complete_from, messages }: NewestSystemMessages): void {
    this.#asked = undefined;
    this.#completeFrom = complete_from;
    this.#keep(messages);
  }

  /** Those after the messages of a range, oldest first. The same list until one of them changes. */
  between(range: Range): readonly SystemMessage[] {
    const view = this.#view;
    if (view?.all === this.#all && isSame(view.range, range)) return view.shown;
    const shown = this.#all.filter(({ after_seq }) => after_seq >= range.from && after_seq <= range.to);
    this.#view = { all: this.#all, range, shown };
    return shown;
  }

  /** Reads those of another range than the last one. Resolves with whether any were found. */
  async load(range: Range): Promise<boolean> {
    if (range.from >= this.#completeFrom || isSame(this.#asked, range)) return false;
    this.#asked = range;
    const { from, to } = range;
    const args = { room_id: this.roomId, from_seq: from, ...(to < Infinity && { to_seq: to }), max_rows: 1_000 };
    try {
      const rows = await this.connection.run("system_messages", args);
      this.#keep(rows as unknown as SystemMessage[]);
      return rows.length > 0;
    } catch {
      this.#asked = undefined; // read again with the next change
      return false;
    }
  }

  #keep(rows: readonly SystemMessage[]): void {
    const all = new Map(this.#all.map((each) => [keyOf(each), each]));
    for (const row of rows) {
      const key = keyOf(row);
      const first = row.people.length > 0 ? all.get(key) : undefined;
      const known = first?.people ?? [];
      const people = [...known, ...row.people.filter(({ user_id }) => !known.some((each) => each.user_id === user_id))];
      all.set(key, { ...(first ?? row), people });
    }
    this.#all = [...all.values()].sort((one, other) => one.version - other.version);
  }
}

const isSame = (one: Range | undefined, other: Range) => one?.from === other.from && one.to === other.to;

/** The same for the people whom one call has added or removed. */
const keyOf = ({ version, kind, actor_id, after_seq, created_at, people }: SystemMessage) =>
  people.length > 0 ? `${kind} ${actor_id} ${after_seq} ${Date.parse(created_at)}` : String(version);
