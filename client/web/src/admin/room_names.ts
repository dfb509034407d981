import type { Readable } from "parley-client";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import { useOperation } from "./context.ts";
import type { Operators, Room } from "./operators.ts";
import { useRoomName } from "./room_name.tsx";

/** Rooms that are wanted at the same time are asked for together, so many at once. */
const COLLECT_MS = 5;
const MAX_ROOMS = 100;
/** When rooms are asked for again after a failure. */
const RETRY_MS = 30_000;

/** The rooms that lists name, each read when it is first shown. The snapshot counts changes. */
export class NamedRooms implements Readable<number> {
  /** `null` if there is none any more. */
  readonly #known = new Map<number, Room | null>();
  /** Those that are asked for, and when they may be again. */
  readonly #askAgainAt = new Map<number, number>();
  readonly #wanted = new Set<number>();
  readonly #listeners = new Set<() => void>();
  #changes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly operators: Operators) {}

  readonly getSnapshot = () => this.#changes;

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Returns a room; undefined until it has been read, and if there is none. */
  get(id: number): Room | undefined {
    if ((this.#askAgainAt.get(id) ?? 0) <= Date.now()) {
      this.#askAgainAt.set(id, Infinity);
      this.#wanted.add(id);
      this.#timer ??= setTimeout(() => this.#ask(), COLLECT_MS);
    }
    return this.#known.get(id) ?? undefined;
  }

  async #ask(): Promise<void> {
    const ids = [...this.#wanted].slice(0, MAX_ROOMS);
    for (const id of ids) this.#wanted.delete(id);
    this.#timer = this.#wanted.size > 0 ? setTimeout(() => this.#ask(), COLLECT_MS) : undefined;
    try {
      const found = await this.operators.roomsWith(ids);
      for (const id of ids) this.#known.set(id, null);
      for (const room of found) this.#known.set(room.id, room);
    } catch {
      for (const id of ids) this.#askAgainAt.set(id, Date.now() + RETRY_MS);
    }
    this.#changes++;
    for (const listener of this.#listeners) listener();
  }
}

/** Returns what to call a room of which only the id is known: its number until the name is read, and if it is gone. */
export function useNameOfRoom(): (id: number) => string {
  const { t } = useWords();
  const { rooms } = useOperation();
  useStore(rooms);
  const nameOf = useRoomName();
  return (id) => {
    const room = rooms.get(id);
    return room ? nameOf(room) : t("admin.room.number", { id });
  };
}
