-- The refresh tokens that the old backend had ended cannot be exchanged here.
insert into chat_private.exchanged_tokens (jti, expires_at)
select jti, expires_at from stage_tokens where expires_at > now() and char_length(jti) <= 255
on conflict do nothing;
