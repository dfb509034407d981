-- Pictures of groups, in the bucket `avatars` beside those of people: everyone sees them, and the owner and the admins of the
-- group write them. A picture is at <id of the room>/<any name>, and chat.rooms.avatar_url says which one is shown.
create function chat_private.my_room_folders()
returns setof text
language sql stable security invoker set search_path = ''
as $$
  select room_id::text from chat_private.my_room_ids('admin') as room_id where (select chat_private.has_access());
$$;
comment on function chat_private.my_room_folders is
  'The folders in the bucket avatars of the groups that the caller may change: nobody is an admin of a direct room.';
grant execute on function chat_private.my_room_folders to authenticated;

-- The bucket is public: this is for lists, and for what is replaced or deleted.
create policy "admins can list the pictures of their groups"
  on storage.objects for select to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] in (select chat_private.my_room_folders()));

create policy "admins can upload pictures of their groups"
  on storage.objects for insert to authenticated
  with check (bucket_id = 'avatars' and (storage.foldername(name))[1] in (select chat_private.my_room_folders()));

create policy "admins can replace the pictures of their groups"
  on storage.objects for update to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] in (select chat_private.my_room_folders()))
  with check (bucket_id = 'avatars' and (storage.foldername(name))[1] in (select chat_private.my_room_folders()));

create policy "admins can delete the pictures of their groups"
  on storage.objects for delete to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] in (select chat_private.my_room_folders()));
