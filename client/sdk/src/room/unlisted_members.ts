import type { Connection } from "../connection/connection.ts";

/** The most members that are looked up at once, and that are cached. */
const MAX_IDS_PER_QUERY = 20;
const MAX_CACHED = 500;
const QUERY_INTERVAL_MS = 1_000;

/** Members of a room beyond the listed ones, looked up when they do something. */
export class UnlistedMembers {
  /** Usernames by id; null for users who are not members. */
  readonly #names = new Map<string, string | null>();
  readonly #wanted = new Set<string>();
  #isAsking = false;

  constructor(readonly connection: Connection, readonly roomId: number, readonly onFound: () => void) {}

  /** Returns a member's username; undefined until it is known, and for anyone else. */
  nameOf(userId: string): string | undefined {
    const name = this.#names.get(userId);
    if (name === undefined && this.#wanted.size < MAX_IDS_PER_QUERY) {
      this.#wanted.add(userId);
      void this.#ask();
    }
    return name ?? undefined;
  }

  /** Forgets a user who has joined, left or been renamed. */
  forget(userId: string): void {
    this.#names.delete(userId);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (this.#wanted.size > 0 && !this.connection.isClosed) {
      const ids = [...this.#wanted];
      const read = await this.#read(ids).catch(() => undefined);
      for (const id of ids) this.#wanted.delete(id);
      // The next event about them triggers another lookup.
      if (!read) break;
      for (const id of ids) this.#keep(id, read.get(id) ?? null);
      if (read.size > 0) this.onFound();
      await new Promise((resolve) => setTimeout(resolve, QUERY_INTERVAL_MS));
    }
    this.#isAsking = false;
  }

  async #read(ids: readonly string[]): Promise<Map<string, string>> {
    const call = this.connection.db.from("room_members").select("user_id,profile:profiles(username)")
      .eq("room_id", this.roomId).in("user_id", [...ids]);
    const rows = await this.connection.call(call) as unknown as { user_id: string; profile: { username: string } }[];
    return new Map(rows.map(({ user_id, profile }) => [user_id, profile.username]));
  }

  #keep(id: string, name: string | null): void {
    this.#names.set(id, name);
    if (this.#names.size > MAX_CACHED) this.#names.delete(this.#names.keys().next().value!);
  }
}
