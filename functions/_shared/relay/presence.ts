import type { Claims } from "../auth/tokens.ts";
import { asUser } from "../db/db.ts";

/** A person counts as online for 60 seconds after they were seen. */
const TOUCH_INTERVAL_MS = 45_000;
/** Who comes back within this time has not been away. */
const GRACE_MS = 1000;
/** How often a write is tried, and how long after the one before. */
const MAX_TRIES = 10;
const RETRY_DELAY_MS = 1000;

interface Present {
  claims: Claims;
  sockets: number;
  timer: ReturnType<typeof setInterval>;
  leaving?: ReturnType<typeof setTimeout>;
  /** The last write, which the next one waits for. */
  turn: Promise<void>;
}

const people = new Map<string, Present>();

/** A socket of someone has opened: with the first one they are online, and stay so. */
export function opened(claims: Claims): void {
  const known = people.get(claims.sub);
  if (known) {
    clearTimeout(known.leaving);
    known.sockets++;
    return;
  }
  const timer = setInterval(() => touch(person, false), TOUCH_INTERVAL_MS);
  const person = { claims, sockets: 1, timer, turn: Promise.resolve() };
  people.set(claims.sub, person);
  touch(person, false);
}

/**
 * A socket of someone has closed: with the last one they are gone.
 * @param returns they were told to come back, and will be seen in another worker.
 */
export function closed(claims: Claims, returns: boolean): void {
  const person = people.get(claims.sub);
  if (!person || --person.sockets > 0) return;
  clearTimeout(person.leaving);
  person.leaving = setTimeout(() => {
    people.delete(claims.sub);
    clearInterval(person.timer);
    if (!returns) touch(person, true);
  }, GRACE_MS);
}

/** Whether someone has a socket in this worker. */
export const isHere = (user: string) => (people.get(user)?.sockets ?? 0) > 0;

/** Another worker says that someone has gone: their sockets here know better. */
export function contradict(user: string): void {
  const person = people.get(user);
  if (person && person.sockets > 0) touch(person, false);
}

function touch(person: Present, signedOut: boolean): void {
  person.turn = person.turn
    .then(() => write(person, signedOut))
    .catch((error) => console.error("a status could not be written:", error));
}

/** Tries again while the database is away: nobody else would tell that someone has gone. */
async function write({ claims }: Present, signedOut: boolean): Promise<void> {
  for (let tries = 1; !(signedOut && people.has(claims.sub)); tries++) {
    try {
      return void await asUser(claims, (sql) => [sql`select from chat.touch_status(${signedOut})`]);
    } catch (error) {
      if (tries === MAX_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS));
    }
  }
}
