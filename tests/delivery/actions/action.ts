import type { Row } from "../replica.ts";
import type { Name, Scene, World } from "../world.ts";

/** Something that users do, and who is notified. */
export interface Action {
  /** The functions, and the writes to tables, that it goes through. */
  entryPoints: string[];
  how?: string;
  run(world: World): Promise<unknown>;
  /** The room whose members are notified; the group by default. */
  scene?: Scene;
  /** The events that members receive, in order. */
  room?: string[];
  /** The events that members find in `sync`, sent before they could follow the room to its new topic. */
  synced?: string[];
  /** The events that users receive on their own topics. */
  people?: Partial<Record<Name, string[]>>;
  /** The events that users receive on the topics of their conversations. */
  conversation?: Partial<Record<Name, string[]>>;
  /** Changes to what can be read that send no event. */
  silent?(world: World): void;
}

/** Checks that a write through the Data API changed exactly one row. */
async function written(query: PromiseLike<{ data: Row[] | null; error: unknown }>): Promise<Row> {
  const { data, error } = await query;
  if (error) throw error;
  if (data?.length !== 1) throw new Error(`${data?.length} rows were written.`);
  return data[0]!;
}

export const insert = (world: World, name: Name, table: string, row: Row) =>
  written(world.table(name, table).insert(row).select());
export const update = (world: World, name: Name, table: string, row: Row, match: Row) =>
  written(world.table(name, table).update(row).match(match).select());
export const remove = (world: World, name: Name, table: string, match: Row) =>
  written(world.table(name, table).delete().match(match).select());

/** An action through a function; its result is stored under `keep`. */
export function calling(
  by: Name,
  entryPoint: string,
  options: (world: World) => Row,
  announced: Partial<Action>,
  keep?: string,
): Action {
  return {
    entryPoints: [entryPoint],
    async run(world) {
      const result = await world.call(by, entryPoint, options(world));
      if (keep) world.made[keep] = result;
      if (keep === "group" || keep === "direct") world.rooms[keep] = result.id;
    },
    ...announced,
  };
}

/** An action that is refused, and sends no event. */
export function refused(by: Name, entryPoint: string, options: (world: World) => Row, name: string): Action {
  return {
    entryPoints: [entryPoint],
    how: `refused with ${name}`,
    async run(world) {
      const error = await world.call(by, entryPoint, options(world)).then(() => undefined, (error) => error);
      if (error?.message !== name) throw error ?? new Error("It was not refused.");
    },
  };
}

/** Repeated, it changes nothing. */
export const again = { how: "again" };

export const ofGroup = ({ rooms }: World) => ({ room_id: rooms.group });
export const own = (world: World, name: Name) => ({ ...ofGroup(world), user_id: world.id(name) });
