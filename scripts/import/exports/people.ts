import { importedId } from "../ids.ts";
import { clean } from "../writer/texts.ts";
import type { Report } from "../writer/report.ts";
import type { Staged } from "../writer/stage.ts";
import { numberOf } from "./hashes.ts";
import type { Person } from "./records.ts";

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const MAX_BIO = 2000;

/** What a person has here who was mapped by `--same-people`: the id there, and the username here. */
export type SamePeople = Map<string, string>;

/** A person as `stage_people` has one. */
export function stagedPerson(
  source: string,
  person: Person & { id: string },
  same: SamePeople,
  report: Report,
): Staged {
  const { id } = person;
  const name = clean(person.name)?.trim() ?? "";
  const first = clean(person.first_name)?.trim() ||
    (person.last_name ? "" : /^\+[\d\s()-]+$/.test(name) ? name : name.split(/\s+/)[0]!);
  const last = clean(person.last_name)?.trim() || (person.first_name ? "" : name.slice(first.length).trim());
  const bio = clean(person.bio) ?? "";
  if ([...bio].length > MAX_BIO) {
    report.add({
      kind: "person",
      source_id: id,
      reason: `the end of a bio of more than ${MAX_BIO} characters`,
      is_lost: true,
    });
  }
  const address = clean(person.email)?.trim().toLowerCase() ?? "";
  return {
    source_id: numberOf("person", id),
    id: importedId(`${source}:person:${id}`),
    source: clean(id),
    username: usernameOf(person, [first, last].filter(Boolean).join(" ")),
    address: ADDRESS.test(address) && address.length <= 254 && !address.endsWith(".invalid") ? address : null,
    same_as: same.get(id),
    is_verified: false,
    first_name: first,
    last_name: last,
    date_joined: person.created_at ?? "1970-01-01",
    is_active: true,
    is_staff: false,
    is_superuser: false,
    bio,
    avatar_url: /^https?:\/\/\S{1,2000}$/.test(person.avatar_url ?? "") ? clean(person.avatar_url) : null,
  };
}

/** A username like the one there, or like the name: `ann.smith`. */
function usernameOf({ username, email, id }: Person & { id: string }, name: string): string {
  const wanted = [username, name.toLowerCase(), email?.split("@")[0], id].map((text) =>
    (clean(text) ?? "").normalize("NFKC").trim().replace(/\s+/g, ".").replace(/[^\p{L}\p{M}\p{N}_.@+-]/gu, "")
      .replace(/^\.+|\.+$/g, "").slice(0, 150)
  );
  return wanted.find((text) => text !== "") ?? "user";
}
