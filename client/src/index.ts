export { Chat, createChat } from "./chat.ts";
export type { Change, Mark, Pin, Role, SyncPage } from "./changes.ts";
export { type ChatOptions, Connection, type Supabase } from "./connection.ts";
export {
  type Conversation,
  type ConversationListOptions,
  type ConversationMessage,
  Conversations,
} from "./conversations.ts";
export { LiveConversation } from "./conversation.ts";
export type { ConversationSnapshot } from "./conversation_snapshot.ts";
export type { Entry } from "./drafts.ts";
export { ChatError, type ErrorCode } from "./errors.ts";
export { Friends } from "./friends.ts";
export type { InboxSnapshot } from "./inbox.ts";
export type { InboxRoom, ListOptions } from "./inbox_room.ts";
export type { Typist } from "./live.ts";
export type { Message, QueuedMessage, RoomMessage, SentMessage } from "./messages.ts";
export { Outbox, type SendOptions, type Unsent } from "./outbox.ts";
export { type Profile, type ProfileChange, Profiles } from "./profiles.ts";
export { type Exchange, Reply } from "./reply.ts";
export { LiveRoom, type OpenOptions } from "./room.ts";
export type { RoomSnapshot } from "./room_snapshot.ts";
export type { Member } from "./room_changes.ts";
export type { SearchOptions } from "./room_reads.ts";
export { type NewGroup, Rooms } from "./rooms.ts";
export { type Status, Statuses } from "./status.ts";
export type { ChatStorage } from "./storage.ts";
export type { Readable } from "./store.ts";
export type { Database } from "../database.ts";
