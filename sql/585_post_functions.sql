-- Publishing posts, once for each key.

-- Definer: keeps the key, which stands in a table of nobody.
create function chat_private.post_adding()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.made_with_key(
    new.author_id, 'post', new.client_id, jsonb_build_array(new.title, new.content)
  );
  return new;
end;
$$;

create trigger post_adding
  before insert on chat.posts
  for each row when (new.client_id is not null)
  execute function chat_private.post_adding();

create function chat.create_post(title text, content text, client_id uuid default null)
returns chat.posts
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  post chat.posts;
begin
  perform chat_private.require_caller();
  insert into chat.posts (title, content, client_id)
  values (create_post.title, create_post.content, create_post.client_id)
  on conflict on constraint posts_author_id_client_id_key do nothing
  returning * into post;

  perform set_config('chat.repeated', (post.id is null)::text, true);
  if post.id is null then
    select * into post from chat.posts as posts
    where posts.author_id = (select auth.uid()) and posts.client_id = create_post.client_id;
  end if;
  return post;
end;
$$;
comment on function chat.create_post is
  'Publishes a post of the caller. Repeated with the same client_id it returns the first post, as it is now. Raises '
  'client_id_reused, caller_required.';
grant execute on function chat.create_post to authenticated;
