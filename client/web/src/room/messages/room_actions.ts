import type { LiveRoom, SentMessage } from "parley-client";

/** What is being written: a reply, or another text of a message. */
export interface Task {
  kind: "reply" | "edit";
  message: SentMessage;
}

/** What messages ask of the room around them. The same object as long as the room is shown. */
export interface RoomActions {
  room: LiveRoom;
  write(task: Task | undefined): void;
  forward(message: SentMessage): void;
  remove(message: SentMessage): void;
  /** Opens the menu of a message beside a button. */
  menu(message: SentMessage, anchor: HTMLElement): void;
  /** Shows the message at this place of the room. */
  jump(seq: number): void;
}
