import { type Chat, displayName, type Profile, type Readable } from "parley-client";

/** People who are wanted at the same time are asked for together, so many at once. */
const COLLECT_MS = 5;
const MAX_PEOPLE = 100;
/** When a profile is read again, and when after a failure. */
const FRESH_MS = 5 * 60_000;
const RETRY_MS = 30_000;

/** The profiles of the people on the page, each read when it is first shown. The snapshot counts changes. */
export class People implements Readable<number> {
  /** `null` if the account was deleted. */
  readonly #known = new Map<string, Profile | null>();
  readonly #askAgainAt = new Map<string, number>();
  readonly #wanted = new Set<string>();
  readonly #listeners = new Set<() => void>();
  #changes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly chat: Chat) {}

  readonly getSnapshot = () => this.#changes;

  readonly subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Returns a person's profile; undefined until it has been read, and if there is none. */
  get(id: string): Profile | undefined {
    if ((this.#askAgainAt.get(id) ?? 0) <= Date.now()) {
      this.#askAgainAt.set(id, Date.now() + FRESH_MS);
      this.#wanted.add(id);
      this.#timer ??= setTimeout(() => this.#ask(), COLLECT_MS);
    }
    return this.#known.get(id) ?? undefined;
  }

  /** Returns what to call a person: their name, or their username until it is known. */
  nameOf(id: string | null, username: string | null): string | undefined {
    const profile = id === null ? undefined : this.get(id);
    return profile ? displayName(profile) : username ?? undefined;
  }

  /** Keeps profiles that were read otherwise. */
  put(profiles: readonly Profile[]): void {
    for (const profile of profiles) {
      this.#known.set(profile.id, profile);
      this.#askAgainAt.set(profile.id, Date.now() + FRESH_MS);
    }
    this.#changes++;
    for (const listener of this.#listeners) listener();
  }

  /** Keeps profiles that were found, and returns them. */
  readonly kept = (profiles: Profile[]): Profile[] => {
    this.put(profiles);
    return profiles;
  };

  async #ask(): Promise<void> {
    const ids = [...this.#wanted].slice(0, MAX_PEOPLE);
    for (const id of ids) this.#wanted.delete(id);
    this.#timer = this.#wanted.size > 0 ? setTimeout(() => this.#ask(), COLLECT_MS) : undefined;
    try {
      const found = await this.chat.profiles.list(ids);
      for (const id of ids) this.#known.set(id, null);
      this.put(found);
    } catch {
      for (const id of ids) this.#askAgainAt.set(id, Date.now() + RETRY_MS);
    }
  }
}
