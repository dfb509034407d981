import type { LiveRoom, SentMessage } from "parley-client";

/** What is being written: a reply to a message, or an edit. */
export interface Task {
  kind: "reply" | "edit";
  message: SentMessage;
}

/** What messages can request from the room around them. The same object as long as the room is shown. */
export interface RoomActions {
  room: LiveRoom;
  write(task: Task | undefined): void;
  forward(message: SentMessage): void;
  remove(message: SentMessage): void;
  /** Shows when a message was sent and edited, and who has read it. */
  details(message: SentMessage): void;
  /** Opens the menu of a message next to a button. */
  menu(message: SentMessage, anchor: HTMLElement): void;
  /** Opens the window to react to a message, with a bar of emoji or with all of them. */
  react(message: SentMessage, anchor: HTMLElement, isFull?: boolean): void;
  /** Scrolls to the message with this seq. */
  jump(seq: number): void;
}
