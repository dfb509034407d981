export { Account, type DeletionOptions } from "./people/account.ts";
export { type BlockChange, Blocks } from "./people/blocks.ts";
export { Chat, createChat } from "./chat.ts";
export type { Change, Mark, NoticeAdded, Pin, Role, RoomEvent, SyncPage, WhoMay } from "./contract/events.ts";
export { type ChatOptions, Connection } from "./connection/connection.ts";
export type { Conversation, ConversationMessage } from "./conversations/conversation_rows.ts";
export {
  type ConversationListOptions,
  Conversations,
  type ConversationSearchOptions,
  type FoundConversationMessage,
} from "./conversations/conversations.ts";
export { LiveConversation } from "./conversations/live_conversation.ts";
export type { ConversationSnapshot } from "./conversations/conversation_snapshot.ts";
export type { Entry } from "./conversations/entries.ts";
export { withDeviceClock } from "./connection/device_clock.ts";
export type { Attachment, Mention } from "./contract/message.ts";
export type { FileStorage } from "./util/file_storage.ts";
export type { NewFile, QueuedFile } from "./files/new_file.ts";
export { ChatError, type ErrorCode } from "./util/errors.ts";
export { Friends } from "./people/friends.ts";
export {
  type Invitation,
  type InvitationChange,
  type InvitedPerson,
  type InviteLink,
  type InviteLinkOptions,
  type InvitePreview,
  Invites,
  type NewInviteLink,
  type PageOptions,
} from "./invites.ts";
export {
  Moderation,
  type Notice,
  type QueuedReport,
  type Report,
  type ReportReason,
  type ReportTarget,
  type RoomBan,
  type Sanction,
} from "./moderation.ts";
export { type JoinRequest, type JoinRequestChange, JoinRequests } from "./join_requests.ts";
export type { InboxSnapshot } from "./inbox/inbox_snapshot.ts";
export { Mentions, type MentionsSnapshot } from "./inbox/mentions.ts";
export type { InboxRoom, ListOptions } from "./data/inbox_room.ts";
export type { Typist } from "./room/live_topic.ts";
export type { Message, QueuedMessage, RoomMessage, SentMessage } from "./data/messages.ts";
export { type Addition, Outbox } from "./outbox/outbox.ts";
export { type Profile, type ProfileChange, Profiles } from "./people/profiles.ts";
export { displayName } from "./people/display_name.ts";
export { type Exchange, Reply } from "./conversations/reply.ts";
export { isSameEmoji } from "./room/reactions.ts";
export { LiveRoom } from "./room/live_room.ts";
export type { OpenOptions } from "./room/room_engine.ts";
export type { RoomSnapshot } from "./room/room_snapshot.ts";
export type { SystemMessage } from "./data/system_message.ts";
export type { Member } from "./data/room_changes.ts";
export type { Edit, Reaction, ReactionOptions, SearchOptions } from "./data/room_queries.ts";
export { type FoundRoom, type NewGroup, type PublicRoom, Rooms, type RoomSettings } from "./rooms.ts";
export { signIn } from "./people/sign_in.ts";
export { type Status, Statuses } from "./people/status.ts";
export type { OwnSuspension, Suspension } from "./connection/suspension.ts";
export type { ChatStorage } from "./util/storage.ts";
export type { Readable } from "./util/store.ts";
export type { Supabase } from "./connection/supabase.ts";
export type { SendOptions, Unsent } from "./outbox/unsent.ts";
export type { Database } from "./contract/database.ts";
