const TOPICS_ARE_RESTRICTED = "The restrictive policy of the topics of chat asks the same (610_restrictive_policies).";
const FILES_ARE_RESTRICTED = "The restrictive policy of the files of chats asks the same (610_restrictive_policies).";

/**
 * Mutants, by their names, that no test in SQL can tell from the schema as it is, each with the reason: nobody could notice them, or
 * only who runs two transactions at once, or connects as the Data API.
 */
export const EQUIVALENT: Record<string, string> = {
  "execute on function chat_private.has_access() to authenticated":
    "Public has it as well, as policies for every role call it: 900_grants. So `authenticated` may call it without a grant of its own.",
  "chat.pin_message: perform chat_private.require_message(message_id)":
    "pin_adding() raises the same. This is for a person whom another transaction adds to the room in between.",
  "chat_private.accept_join_request: perform chat_private.require_people(array[accept_join_request.user_id])":
    "A request goes with its account. This locks the account until the membership is there.",
  "chat_private.deliver: and own.last_delivered_seq < wanted.seq and own.shares_receipts":
    "The trigger leaves such marks as they are. This saves the lock and the write.",
  "chat_private.erase_more_of: or exists (select from chat.messages where sender_id = departed or forwarded_sender_id = departed)":
    "Only what another transaction has locked is left then.",
  "chat_private.erase_more_of: or exists (select from chat.attachments where uploader_id = departed)":
    "Only what another transaction has locked is left then.",
  "chat_private.is_username: and chat_private.shows(name)":
    "What \\w matches depends on the locale of the database: in that of the tests, it matches nothing invisible.",
  "chat_private.job_forget_senders: and not exists (select from chat.messages where sender_id = departed)":
    "Only what another transaction has locked is left then.",
  "chat_private.join_by_link: perform chat_private.refuse_invite()":
    "The second check refuses an unknown link, too. This one does before it locks anything.",
  "chat_private.listed: and members.last_delivered_seq < listed.seq and members.shares_receipts (2)":
    "The trigger leaves such marks as they are. This is for a mark that another transaction moves in between.",
  "chat_private.lock_key: raise sqlstate 'PT503' using message = 'try_again', detail = 'Another request with this client_id is running. Try again…":
    "Takes two transactions: tests/model/turns.test.ts.",
  "chat_private.lock_out_of_turn: raise sqlstate 'PT503' using message = 'try_again', detail = 'Another user is writing to these rooms. Try again, and wr…":
    "Takes two transactions: tests/model/turns.test.ts.",
  "chat_private.lock_room: perform chat_private.require_role(lock_room.room_id, minimum)":
    "The check after the lock refuses the same. This one lets nobody wait, or make others wait, who will be refused.",
  "chat_private.lock_room: perform chat_private.require_role(lock_room.room_id, minimum) (2)":
    "The check before the lock refuses the same, unless the role changes during the wait.",
  "chat_private.mentions_written: and mentions.user_id in (select (mention ->> 'user_id')::uuid from jsonb_array_elements(old.mentions) as mention)":
    "Only those whom the message mentioned before have rows; with their ids the primary key finds them.",
  "chat_private.message_sending: perform chat_private.refuse_stranger(new.room_id) (3)":
    "Takes two transactions: the sender is removed from the room while the send waits for it.",
  "chat_private.request_stop: and replies.stop_requested_at is null": "A repeated stop would write the row as it is.",
  "chat_private.require_modest_query: raise sqlstate 'PT400' using message = 'query_too_costly', detail = 'One request may not use regular expressions, full-…":
    "Takes the connection of the Data API: tests/api/modest_queries.test.ts.",
  "chat_private.require_modest_query: and not chat_private.is_modest_query(pg_catalog.current_query())":
    "Takes the connection of the Data API: tests/api/modest_queries.test.ts.",
  "chat_private.room_invitations: perform chat_private.require_role(room_invitations.room_id)":
    "The second check refuses the same. This one refuses before the room is read.",
  "chat_private.search_ids: and (cardinality(ids) < max_rows or ids[max_rows] < candidates[looked_at + 1])":
    "This saves reading messages that are older than a full page.",
  "chat_private.wait_for_bucket: raise sqlstate 'PT503' using message = 'try_again', detail = 'You are doing the same elsewhere. Try again.'":
    "Takes two transactions: tests/model/turns.test.ts.",
  "chat.messages: senders can edit their messages: (room_id IN ( SELECT chat_private.my_room_ids() AS my_room_ids))":
    "lock_my_room() asks the same. This one spares it the rooms of others.",
  "chat.pins: members can unpin messages: (room_id IN ( SELECT chat_private.my_room_ids() AS my_room_ids))":
    "lock_my_room() asks the same. This one spares it the rooms of others.",
  "realtime.messages: members can send to the live topics of their rooms: (extension = ANY (ARRAY['broadcast'::text, 'presence'::text]))":
    TOPICS_ARE_RESTRICTED,
  "realtime.messages: members can send to the live topics of their rooms: ( SELECT chat_private.is_my_topic(( SELECT realtime.topic() AS topic)) AS is_my_topic)":
    TOPICS_ARE_RESTRICTED,
  "realtime.messages: members can send to the live topics of their rooms: (( SELECT realtime.topic() AS topic) ~~ 'room:%:live'::text)":
    TOPICS_ARE_RESTRICTED,
  "realtime.messages: people can receive from topics of theirs: (extension = ANY (ARRAY['broadcast'::text, 'presence'::text]))":
    TOPICS_ARE_RESTRICTED,
  "storage.objects: members can read the files of their rooms: ( SELECT chat_private.has_access() AS has_access)":
    FILES_ARE_RESTRICTED,
  "storage.objects: members can read the files of their rooms: chat_private.may_read_file(name)": FILES_ARE_RESTRICTED,
  "storage.objects: members can upload the files that they have announced: ( SELECT chat_private.has_access() AS has_access)":
    FILES_ARE_RESTRICTED,
  "storage.objects: members can upload the files that they have announced: chat_private.is_my_upload(name)":
    FILES_ARE_RESTRICTED,
};
