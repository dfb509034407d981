import type { Sql } from "postgres";
import type { Cell } from "../measure/cell.ts";
import type { Options } from "../options.ts";
import type { Member } from "../people.ts";
import type { Bench } from "../run.ts";
import type { Scenario } from "../scenarios.ts";
import type { World } from "../world/world.ts";
import { addGroups, morePeople } from "./grown.ts";
import type { Growth } from "./scenarios.ts";

interface Surroundings {
  sql: Sql;
  world: World;
  members: Member[];
  options: Options;
  log: (line: string) => void;
}

/** The members of a room that send requests. */
const SENDING = 10;
const OF_MEMBERS: Scenario[] = ["history", "send"];
/** What was just sent is not in the index of searches: these come before the sends. */
const OF_ROOMS: Scenario[] = ["inbox", "history", "search: rare word", "send"];

/** Measures the same requests at one size after the other. */
export async function measureGrowth(growth: Growth, surroundings: Surroundings, run: Bench): Promise<Cell[]> {
  // A few people send here what many would, so their buckets fill faster. Each send still takes its token.
  await surroundings
    .sql`update chat_private.limits set capacity = 1000000, per_second = 1000000 where action in ('send_message', 'search')`;
  return await (growth === "growth: members of a room" ? membersOfRoom : roomsOfPerson)(surroundings, run);
}

async function membersOfRoom({ sql, world, members, options, log }: Surroundings, run: Bench): Promise<Cell[]> {
  const cells: Cell[] = [];
  let people = world.people;
  for (const size of ascending(options.members)) {
    log(`Adding a room of ${size} members …`);
    people = await morePeople(sql, people, size);
    const sending = members.slice(0, Math.min(SENDING, size));
    const senders = new Set(sending.map(({ person }) => person.id));
    const others = people.filter(({ id }) => !senders.has(id)).slice(0, size - sending.length);
    const rooms = await addGroups(sql, [...sending.map(({ person }) => person), ...others], 1);
    const inRoom = sending.map((member) => ({ ...member, rooms }));
    for (const scenario of OF_MEMBERS) cells.push(...await run.sized(scenario, `${size} members`, inRoom));
  }
  return cells;
}

async function roomsOfPerson({ sql, world, members, options, log }: Surroundings, run: Bench): Promise<Cell[]> {
  const cells: Cell[] = [];
  const [person] = members;
  const other = world.people.find(({ id }) => id !== person!.person.id)!;
  const rooms = [...person!.rooms];
  for (const size of ascending(options.rooms)) {
    log(`Adding rooms of a person, until there are ${size} …`);
    const missing = size - rooms.length;
    if (missing > 0) rooms.push(...await addGroups(sql, [person!.person, other], missing, 3));
    const inRooms = [{ ...person!, rooms }];
    for (const scenario of OF_ROOMS) cells.push(...await run.sized(scenario, `${rooms.length} rooms`, inRooms));
  }
  return cells;
}

const ascending = (sizes: number[]) => sizes.toSorted((a, b) => a - b);
