-- All restrictive policies: they keep what belongs to chat closed to every role on tables of the platform, whatever policies of
-- the project permit there. The tables of chat need none: a project adds no policies to them.

-- A project may have policies such as those of Realtime's quick start, which open every topic to all signed-in users. These do
-- not restrict the project's own topics.
create policy "topics of chat are received only by the people they are for"
  on realtime.messages as restrictive for select
  using (
    not chat_private.is_chat_topic(topic)
    or topic = (select realtime.topic())
    and extension in ('broadcast', 'presence')
    and (select chat_private.is_my_topic((select realtime.topic())))
  );

create policy "topics of chat are sent to only by members, and only live"
  on realtime.messages as restrictive for insert
  with check (
    not chat_private.is_chat_topic(topic)
    or topic = (select realtime.topic())
    and (extension = 'broadcast' or extension = 'presence' and (select chat_private.shows_presence()))
    and topic like 'room:%:live'
    and (select chat_private.is_my_topic((select realtime.topic())))
  );

create policy "events of chat are changed by nobody"
  on realtime.messages as restrictive for update
  using (not chat_private.is_chat_topic(topic))
  with check (not chat_private.is_chat_topic(topic));

-- A project may have policies that open every bucket. These keep files of chats closed to every role.
create policy "files of chats are read only by members"
  on storage.objects as restrictive for select
  using (not chat_private.is_chat_file(bucket_id) or (select chat_private.has_access()) and chat_private.may_read_file(name));

create policy "files of chats are uploaded only as announced"
  on storage.objects as restrictive for insert
  with check (not chat_private.is_chat_file(bucket_id) or (select chat_private.has_access()) and chat_private.is_my_upload(name));

create policy "files of chats are replaced by nobody"
  on storage.objects as restrictive for update
  using (not chat_private.is_chat_file(bucket_id))
  with check (not chat_private.is_chat_file(bucket_id));

create policy "files of chats are deleted by nobody"
  on storage.objects as restrictive for delete
  using (not chat_private.is_chat_file(bucket_id));
