import type { Message } from "parley-client";
import { roomPath } from "./route.ts";

/** The address of a message: of its room, and its place in it. */
export const messageAddress = ({ room_id, seq }: Pick<Message, "room_id" | "seq">) => `${roomPath(room_id)}/${seq}`;
