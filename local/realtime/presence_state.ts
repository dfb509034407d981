/** Who is there, by presence key: what each of them tracks, as `metas`. */
export type PresenceState = Record<string, { metas: Meta[] }>;

/** What changed, for `presence_diff`. */
export interface PresenceDiff {
  joins: PresenceState;
  leaves: PresenceState;
}

type Meta = Record<string, unknown> & { phx_ref: string };

interface Tracked {
  key: string;
  meta: Meta;
}

const run = crypto.randomUUID().slice(0, 8);
let tracks = 0;

/** The presence of one topic. `Owner` is what joined: one owner tracks one thing, several may share a key. */
export class Presence<Owner> {
  readonly #tracked = new Map<Owner, Tracked>();

  /** Tracks something, in place of what the owner tracked before. */
  track(owner: Owner, key: string, payload: Record<string, unknown>): PresenceDiff {
    const before = this.#tracked.get(owner);
    const ref = { phx_ref: `${run}${(++tracks).toString(36)}` };
    const meta = before ? { ...payload, phx_ref_prev: before.meta.phx_ref, ...ref } : { ...payload, ...ref };
    this.#tracked.set(owner, { key, meta });
    return { joins: { [key]: { metas: [meta] } }, leaves: stateOf(before ? [before] : []) };
  }

  /** Undefined when the owner tracked nothing. */
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
