import type { Phrase } from "./en.ts";
import { addEnglish } from "./words.ts";

/** English texts of parts that are loaded late: such a part imports this file. Russian ones are all in `ru.ts`. */
export const late = {
  "invites": "Invite by link",
  "invites.lead": "Anyone with the link can join until it ends.",
  "invites.lasts": "Ends after",
  "invites.lasts.hour": "An hour",
  "invites.lasts.day": "A day",
  "invites.lasts.week": "A week",
  "invites.lasts.ever": "Never",
  "invites.uses": "People who can join",
  "invites.uses.any": "Any number",
  "invites.role": "They join as",
  "invites.make": "Make a link",
  "invites.address": "New link, shown only here",
  "invites.copy": "Copy link",
  "invites.list": "Links",
  "invites.none": "No links yet.",
  "invites.joined": { one: "{count} person has joined", other: "{count} people have joined" },
  "invites.joined.of": "{count} of {most} have joined",
  "invites.until": "ends {when}",
  "invites.ended": "ended",
  "invites.made": "{role} link of {when}",
  "invites.revoke": "Revoke",
  "invite.title": "You are invited to a group",
  "invite.gone": "This invite does not work",
  "invite.gone.text": "It has ended, was revoked, or is not complete. Ask for a new one.",
} satisfies Record<string, Phrase>;

addEnglish(late);
