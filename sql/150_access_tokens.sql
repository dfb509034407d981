-- The claims that the old backends had in their access tokens, for clients that decode them. Auth calls this hook for each
-- new and each refreshed token (`[auth.hook.custom_access_token]` in config.toml).
-- Definer: Auth's role has no rights in chat.
create function chat_private.access_token(event jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  account uuid;
begin
  account := event ->> 'user_id';
  return jsonb_build_object('claims', (event -> 'claims') || jsonb_strip_nulls(jsonb_build_object(
    'user_id', (select number from chat.profiles where id = account),
    'token_type', 'access',
    'jti', gen_random_uuid(),
    -- If the owner has just got the account back (130_proven_addresses), Auth still holds the metadata of the attacker.
    'user_metadata', case when current_setting('parley.taken_back', true) = account::text then (
      select identity_data from auth.identities
      where user_id = account and provider <> 'email'
      order by created_at desc
      limit 1
    ) end
  )));
exception when others then
  -- A token without these claims is better than no token.
  return jsonb_build_object('claims', event -> 'claims');
end;
$$;
comment on function chat_private.access_token is
  'Adds the user''s number as user_id, token_type and jti to the claims of an access token.';

grant usage on schema chat_private to supabase_auth_admin;
grant execute on function chat_private.access_token to supabase_auth_admin;
