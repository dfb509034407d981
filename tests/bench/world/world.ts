import { Random } from "./random.ts";

/** The users in the bench's database, and their rooms. */
export interface World {
  people: Person[];
  rooms: Room[];
}
export interface Person {
  id: string;
  username: string;
}
export interface Room {
  id: number;
  kind: "direct" | "group";
  name: string;
  /** Indices of people; the first ones write most. */
  members: number[];
  /** Its share of the messages outside the room of everybody. */
  weight: number;
}

/** The email of a user of the bench; all have the same password. */
export const address = ({ username }: Person) => `${username}@bench.example`;
export const PASSWORD = "bench-password";

const PEOPLE = 1000;
const GROUPS = 200;
const DIRECTS = 299;
const MESSAGES = 200_000;
/** The number of these in the first room. */
const EVERYBODY = 20_000;

/** 1,000 users; one room of 200 members and 20,000 messages, 200 groups of 50, 299 pairs. The same in every run. */
export function makeWorld(): World {
  const random = new Random(1);
  const people = Array.from({ length: PEOPLE }, (_, at) => ({
    id: random.uuid(),
    username: `user${String(at + 1).padStart(4, "0")}`,
  }));
  const everyone = people.map((_, at) => at);
  const rooms: Omit<Room, "id">[] = [
    { kind: "group", name: "Everybody", members: random.sample(everyone, 200), weight: 0 },
  ];
  for (let at = 1; at <= GROUPS; at++) {
    rooms.push({
      kind: "group",
      name: `Group ${at}`,
      members: random.sample(everyone, 50),
      weight: 7 + random.below(2),
    });
  }
  const pairs = new Set<string>();
  while (pairs.size < DIRECTS) pairs.add(random.sample(everyone, 2).sort((a, b) => a - b).join());
  for (const pair of pairs) {
    rooms.push({ kind: "direct", name: "", members: pair.split(",").map(Number), weight: 1 });
  }
  return { people, rooms: rooms.map((room, at) => ({ id: at + 1, ...room })) };
}

/** The room (its place in the list) of each message, in the order of sending; `factor` times of all. */
export function messageOrder({ rooms }: World, factor: number): Uint16Array {
  const random = new Random(2);
  const order = new Uint16Array(MESSAGES * factor);
  const shares = rooms.flatMap(({ weight }, place) => Array<number>(weight).fill(place));
  for (let at = 0; at < order.length; at++) order[at] = random.pick(shares);
  order.fill(0, 0, EVERYBODY * factor);
  random.shuffle(order);
  return order;
}
