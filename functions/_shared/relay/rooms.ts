import { settings } from "../settings/settings.ts";
import { Room } from "./room.ts";

const rooms = new Map<number, Room>();
const timers = new Map<Room, ReturnType<typeof setTimeout>>();

/** The state of a room when a socket opens. */
export interface RoomState {
  id: number;
  topic: string;
  version: number;
  last_seq: number;
}

/** Returns the room of an id in this worker, and creates it if needed. */
export function enterRoom({ id, topic, version }: RoomState): Room {
  const room = rooms.get(id) ?? new Room(id, topic, version);
  rooms.set(id, room);
  room.move(topic);
  lookLater(room);
  return room;
}

/** Called after a socket has closed. A room without sockets is dropped after a while. */
export function leaveRoom(room: Room): void {
  if (room.connections.size === 0) lookLater(room);
}

function lookLater(room: Room): void {
  clearTimeout(timers.get(room));
  timers.set(room, setTimeout(() => endUnlessUsed(room), settings.relayLingerSeconds() * 1000));
}

function endUnlessUsed(room: Room): void {
  timers.delete(room);
  if (room.connections.size > 0) return;
  if (rooms.get(room.id) === room) rooms.delete(room.id);
  room.stop();
}
