// Every error that Parley raises by name. `docs/errors.md` is printed from this file, and a test compares it with each
// `raise` in sql/ and with the Edge Functions, which import it too: it imports nothing.

/** The errors of the database, and of the functions where they add a rule, with the HTTP status. */
export const ERRORS = {
  /** There is no such room, or the caller may not see it. */
  room_not_found: 404,
  /** There is no such message, or the caller may not see it. */
  message_not_found: 404,
  /** There is no such pin in this chat. */
  pin_not_found: 404,
  /** There is no such file of the caller for this room, or it was sent already. */
  attachment_not_found: 404,
  /** There is no such user. */
  user_not_found: 404,
  /** This user is not a member of the room. */
  member_not_found: 404,
  /** There is no such conversation of the caller. */
  conversation_not_found: 404,
  /** There is no such reply in a conversation of the caller. */
  reply_not_found: 404,
  /** There is no such invite: it never was, is revoked, used up or over, or is for somebody else. */
  invite_not_found: 404,
  /** Postgres records no statements: the extension pg_stat_statements is not enabled. */
  statements_not_recorded: 404,
  /** There is no such report. */
  report_not_found: 404,
  /** This user does not ask to join the group, or does not any more. */
  request_not_found: 404,
  /** The caller's role in the room does not allow this. */
  role_required: 403,
  /** The room is locked: only its admins write, edit, react and pin. */
  room_locked: 403,
  /** The account is suspended or banned: the error says until when, and why. */
  suspended: 403,
  /** The session of the token has ended: the user has signed out, or has another password. Sign in again. */
  session_ended: 401,
  /** The account of the token was deleted. */
  no_account: 401,
  /** The other person cannot be reached: one of the two has blocked the other, or the person does not admit the caller. */
  not_reachable: 403,
  /** The person is banned from the room: the error says until when and why to the person concerned. */
  banned: 403,
  /** The person may not write messages: the error says until when and why. */
  muted: 403,
  /** A word rule holds the message, which waits for a moderator. Edits, and rows inserted without send_message(), are refused. */
  message_held: 403,
  /** A moderator has rejected the message that the person sent under this client_id. */
  message_rejected: 403,
  /** At most 20 messages of a person wait for a moderator. */
  too_many_held: 403,
  /** Only a moderator may do this, and only an administrator against a moderator. */
  moderator_required: 403,
  /** Only a backend with the secret key may do this for somebody else. */
  backend_required: 403,
  /** Only an administrator may do this. */
  administrator_required: 403,
  /** This public group lets people in who have asked: the caller must ask first. */
  request_required: 403,
  /** The caller must join this public group first. */
  not_a_member: 403,
  /** Only the sender may edit a message, and only a backend may send for someone else. */
  sender_required: 403,
  /** The provider of a sign-in has not verified the address, which belongs to an account. */
  provider_email_needs_verification: 403,
  /** A direct chat keeps its two members. */
  direct_room_fixed: 400,
  /** A group must have an owner: make someone else the owner first. */
  owner_required: 400,
  /** A membership keeps its room and its user. */
  membership_fixed: 400,
  /** An operator deletes the rows of a table of chats, and does not truncate it: so everybody learns what is gone. */
  truncate_refused: 400,
  /** The function is about the signed-in user, and the request has none. */
  caller_required: 400,
  /** The list of user ids is too long, or names nobody else for a direct chat. */
  invalid_members: 400,
  /** A role is `member`, `admin` or `owner`; an invite link makes no owners. */
  invalid_role: 400,
  /** A ban or a mute ends in the future, or not by itself. */
  invalid_until: 400,
  /** A backend acts as a person with a function that people may call, and with its arguments. */
  invalid_call: 400,
  /** The next page of an export begins with the cursor of the page before. */
  invalid_cursor: 400,
  /** A report is about one message, person or room, not the reporter's own, and gives a reason. */
  invalid_report: 400,
  /** The action does not answer a report of this kind, or its note is longer than 500 characters. */
  invalid_resolution: 400,
  /** A warning, and reading a private room without a report, need a reason of at most 500 characters. */
  reason_required: 400,
  /** There is no such limit, or it cannot have these values. */
  invalid_limit: 400,
  /** There is no such retention, or it cannot have this age or number. */
  invalid_retention: 400,
  /** The pattern or the action cannot be a word rule: the error says why. */
  invalid_word_rule: 400,
  /** The message says what the operator does not permit: the error names it. */
  word_refused: 400,
  /** The lists of rooms and seqs differ in length, or are too long. */
  invalid_marks: 400,
  /** A search text has 1 to 200 characters. */
  invalid_query: 400,
  /** A window needs either a seq or a time. */
  invalid_window: 400,
  /** A reaction is one emoji, or one sign, of at most 64 bytes. */
  invalid_emoji: 400,
  /** A file needs a name of at most 255 characters without slashes, a type and a size; a message has at most 10 files. */
  invalid_attachment: 400,
  /** A system message has 1 to 10,000 characters, of which one shows. */
  invalid_system_message: 400,
  /** A message mentions at most 50 people, by their ids. */
  invalid_mentions: 400,
  /** One statement writes too many messages, or too much text. */
  too_many_rows: 400,
  /** The Data API does not run this filter or embedding. */
  query_too_costly: 400,
  /** The `client_id` was used for something else. */
  client_id_reused: 409,
  /** Handing over a group must be confirmed: only the new owner could give it back. */
  confirmation_required: 409,
  /** A group has at most 100 invite links that work: revoke one. */
  too_many_invite_links: 409,
  /** The caller is in the group, or can join it without asking. */
  request_not_needed: 409,
  /** A group has at most 1,000 open requests to join. */
  too_many_requests: 409,
  /** A group has at most 1,000 open invitations. */
  too_many_invitations: 409,
  /** A message has at most 20 kinds of reactions. */
  too_many_kinds: 409,
  /** A file of the message is not in Storage, or not with the announced type and size. */
  attachment_not_uploaded: 409,
  /** The only administrator keeps the role and the account: make somebody else an administrator first. */
  last_administrator: 409,
  /** Somebody has handled this report: the error says who. */
  report_resolved: 409,
  /** A reply is being written in this conversation. */
  reply_running: 409,
  /** There is no partial reply to continue. */
  reply_complete: 409,
  /** Five replies are being written for this user. */
  too_many_replies: 429,
  /** The user has joined this room too often in the last minutes. */
  too_many_joins: 429,
  /** The caller has uploaded 1 GB today, or has 100 files that were not sent. */
  too_many_uploads: 429,
  /** The caller has done this too often: the error says in how many seconds to try again. */
  rate_limited: 429,
  /** The group is in slow mode, and its member must wait: the error says for how many seconds. */
  slow_mode: 429,
  /** A file has at most 25 MB. */
  file_too_large: 413,
  /** Someone else is writing the same rows: the same call succeeds a moment later. */
  try_again: 503,
  /** The search takes too long: search for more of the text, or in one room. */
  search_too_slow: 503,
} as const;

export type ErrorName = keyof typeof ERRORS;

/** Whether a name is one of the catalogue; a newer server may raise others. */
export const isErrorName = (name: string): name is ErrorName => Object.hasOwn(ERRORS, name);

/** What the SDK adds: the other ways in which a call fails. */
export type ClientErrorName =
  /** The server refuses a value. */
  | "invalid_value"
  /** There is one already, such as a username. */
  | "already_exists"
  /** The caller may not do this. */
  | "not_allowed"
  /** Nobody is signed in, or the session is over. */
  | "not_signed_in"
  /** The name or the password is wrong. */
  | "wrong_password"
  /** The email address must be confirmed before the first sign-in. */
  | "email_not_confirmed"
  /** The assistant could not write a reply. */
  | "responder_failed"
  /** A file that waited to be sent was lost with its page, which could not store it. */
  | "file_lost"
  /** The chat, the room or the conversation is closed. */
  | "closed"
  /** The server was not reached. */
  | "offline"
  /** The server is not available at the moment. */
  | "unavailable"
  /** Something else failed. */
  | "unexpected";

/** What the REST APIs add, in `code`. */
export type ApiErrorName =
  /** The token is invalid, has expired or was used up. */
  | "token_not_valid"
  /** The username or the password is wrong. */
  | "no_active_account"
  /** The email address must be confirmed before the first sign-in. */
  | "email_not_confirmed"
  /** Too many wrong passwords: `Retry-After` says when to try again. */
  | "too_many_attempts"
  /** Too many requests at once: `Retry-After` says when to try again. */
  | "throttled"
  /** The request took too long and was stopped. */
  | "too_slow"
  /** The database is older than the functions, or of another major release: the operator must upgrade the older of the two. */
  | "other_release"
  /** The operator has not set up signing in with Google. */
  | "google_not_set_up"
  /** A form was sent from a page of another site. */
  | "foreign"
  /** The assistant could not write a reply. */
  | "responder_failed"
  /** The server failed; its log has the request id. */
  | "internal_error";

/** What the WebSockets add, in `code` of an error frame. */
export type SocketErrorName =
  /** A field of the frame is not valid. */
  | "invalid"
  /** The frame is not a JSON object. */
  | "invalid_json"
  /** The `type` of the frame is not known. */
  | "unknown_type"
  /** `since` in the address is not a version. */
  | "invalid_since"
  /** The frame is too large. */
  | "frame_too_large"
  /** Too many frames are waiting. */
  | "too_many_frames"
  /** The service is not available at the moment. */
  | "unavailable"
  /** The server failed. */
  | "internal_error";
