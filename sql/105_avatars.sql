-- Pictures of people, in the bucket `avatars` of Storage: everyone sees them, and their owners write them. A picture is at
-- <id of the person>/<any name>, and chat.profiles.avatar_url says which one is shown.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
-- No SVG, which can hold scripts.
values ('avatars', 'avatars', true, 2097152, array['image/png', 'image/jpeg', 'image/webp', 'image/gif'])
on conflict (id) do nothing;

create function chat_private.my_folder()
returns text
language sql stable security invoker set search_path = ''
as $$
  select auth.uid()::text where chat_private.has_access();
$$;
comment on function chat_private.my_folder is 'The folder of the caller''s own files in Storage; null without access.';
grant execute on function chat_private.my_folder to authenticated;

-- The bucket is public: this is for lists, and for what is replaced or deleted.
create policy "people can list their own avatars"
  on storage.objects for select to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select chat_private.my_folder()));

create policy "people can upload avatars to their own folder"
  on storage.objects for insert to authenticated
  with check (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select chat_private.my_folder()));

create policy "people can replace their own avatars"
  on storage.objects for update to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select chat_private.my_folder()))
  with check (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select chat_private.my_folder()));

create policy "people can delete their own avatars"
  on storage.objects for delete to authenticated
  using (bucket_id = 'avatars' and (storage.foldername(name))[1] = (select chat_private.my_folder()));

-- Definer: Storage writes the row as its service, after a trial as the person that it rolls back. What is replaced counts as well.
create function chat_private.picture_stored()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
declare
  owner constant uuid := coalesce(auth.uid(), case when new.owner_id ~ '^[0-9a-f-]{36}$' then new.owner_id::uuid end);
begin
  -- What a backend stores has no owner. Storage answers other errors with 500.
  if owner is not null and chat_private.draw(owner, 'upload_picture', 1) < 0 then
    raise insufficient_privilege using message = 'rate_limited', detail = 'You have stored pictures too often. Try again later.';
  end if;
  return null;
end;
$$;

create trigger parley_picture_stored_on_insert
  after insert on storage.objects
  for each row when (new.bucket_id = 'avatars')
  execute function chat_private.picture_stored();

create trigger parley_picture_stored_on_update
  after update of version on storage.objects
  for each row when (new.bucket_id = 'avatars' and new.version is distinct from old.version)
  execute function chat_private.picture_stored();
