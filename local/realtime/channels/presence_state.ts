/** The tracked presences of a topic by key, as `metas`. */
export type PresenceState = Record<string, { metas: Meta[] }>;

/** The changes for a `presence_diff`. */
export interface PresenceDiff {
  joins: PresenceState;
  leaves: PresenceState;
}

type Meta = Record<string, unknown> & { phx_ref: string };

interface Tracked {
  key: string;
  meta: Meta;
}

const RUN_ID = crypto.randomUUID().slice(0, 8);
let tracks = 0;

/** The presence of one topic. Each owner tracks one presence; several owners may share a key. */
export class Presence<Owner> {
  readonly #tracked = new Map<Owner, Tracked>();

  /** Tracks a presence in place of the previous one of the owner. */
  track(owner: Owner, key: string, payload: Record<string, unknown>): PresenceDiff {
    const before = this.#tracked.get(owner);
    const ref = { phx_ref: `${RUN_ID}${(++tracks).toString(36)}` };
    const meta = before ? { ...payload, phx_ref_prev: before.meta.phx_ref, ...ref } : { ...payload, ...ref };
    this.#tracked.set(owner, { key, meta });
    return { joins: { [key]: { metas: [meta] } }, leaves: stateOf(before ? [before] : []) };
  }

  /** Returns undefined when the owner tracked nothing. */
  untrack(owner: Owner): PresenceDiff | undefined {
    const before = this.#tracked.get(owner);
    if (!before) return undefined;
    this.#tracked.delete(owner);
    return { joins: {}, leaves: stateOf([before]) };
  }

  state(): PresenceState {
    return stateOf(this.#tracked.values());
  }
}

function stateOf(tracked: Iterable<Tracked>): PresenceState {
  const state = new Map<string, { metas: Meta[] }>();
  for (const { key, meta } of tracked) {
    const known = state.get(key);
    if (known) known.metas.push(meta);
    else state.set(key, { metas: [meta] });
  }
  return Object.fromEntries(state);
}
