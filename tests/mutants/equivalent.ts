/** Mutants, by their names, that change nothing that anybody could notice, each with the reason. */
export const EQUIVALENT: Record<string, string> = {
  "chat_private.mentions_written: and mentions.user_id in (select (mention ->> 'user_id')::uuid from jsonb_array_elements(old.mentions) as mention)":
    "Only those whom the message mentioned before have rows; with their ids the primary key finds them.",
};
