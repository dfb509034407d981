import { readDjangoHash } from "../../../functions/_shared/accounts/django_hash.ts";
import { importedId } from "../ids.ts";
import { type Keys, spelled } from "./keys.ts";
import { clean } from "../writer/texts.ts";
import type { Found } from "./recognise.ts";
import type { Pictures } from "./pictures.ts";
import type { Report } from "../writer/report.ts";
import type { Row } from "./sources/source.ts";
import type { Staged } from "../writer/stage.ts";

/** A picture that stands for none. */
const STANDARD_PICTURE = /(^|[/_-])(default|placeholder|no-?avatar)[^/]*$|\/\/via\.placeholder\.com\//i;
/** The kinds of hashes that Django has had. */
const HASHED = /^(sha1|md5|unsalted_\w+|crypt|pbkdf2_\w+|bcrypt\w*|argon2\w*|scrypt)\$/;
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const MAX_BIO = 2000;

export const isTrue = (value: string | null | undefined) => value === "true" || value === "1" || value === "t";

/** The id of a person here: the same in every import of that name. */
export const personId = (name: string, id: string) => importedId(`django:${name}:person:${spelled(id)}`);

/** Where people come from, and what is said of those who do not come whole. */
interface Origin {
  /** What the import is called. */
  name: string;
  found: Found;
  report: Report;
  keys: Keys;
  pictures?: Pictures;
}

/** A person as `stage_people` has one; what cannot come is reported. */
export async function stagedPerson(
  { name, found: { columns }, report, keys, pictures }: Origin,
  row: Row,
): Promise<Staged> {
  const id = row.id!;
  const lose = (reason: string, detail?: string) =>
    report.add({ kind: "person", source_id: spelled(id), reason, is_lost: true, detail });
  const { auth, old } = passwordOf(row.password ?? "", lose);
  const bio = clean(row.bio) ?? "";
  if ([...bio].length > MAX_BIO) lose(`the end of a bio of more than ${MAX_BIO} characters`);
  const person = personId(name, id);
  return {
    source_id: keys.numberOf(id),
    id: person,
    username: clean(row.username) ?? clean(row.email)?.split("@")[0] ?? "",
    email: addressOf(row.email ?? "", lose),
    is_verified: isTrue(row.is_verified),
    auth_hash: auth,
    old_hash: old,
    first_name: clean(row.first_name) ?? "",
    last_name: clean(row.last_name) ?? "",
    date_joined: row.date_joined ?? "1970-01-01",
    last_login: row.last_login,
    is_active: !("is_active" in columns) || isTrue(row.is_active),
    is_staff: isTrue(row.is_staff),
    is_superuser: isTrue(row.is_superuser),
    bio,
    avatar_url: await pictureOf(person, row.image ?? "", pictures, lose),
    last_seen: row.last_seen,
    google: row.google,
  };
}

type Lose = (reason: string, detail?: string) => void;

function passwordOf(stored: string, lose: Lose): { auth?: string; old?: string } {
  const hash = readDjangoHash(stored);
  if (hash) return hash.kind === "auth" ? { auth: hash.hash } : { old: stored };
  // Django writes "!" for an account without a password.
  if (stored !== "" && !stored.startsWith("!")) {
    // Anything but a hash may be the password itself: it is not printed.
    lose("a password of a kind that cannot be checked: they set a new one", HASHED.exec(stored)?.[1] ?? "no hash");
  }
  return {};
}

function addressOf(email: string, lose: Lose): string | null {
  const address = clean(email)!.trim().toLowerCase();
  if (address === "") return null;
  if (ADDRESS.test(address) && address.length <= 254 && !address.endsWith(".invalid")) return address;
  lose("an invalid address", address.slice(0, 60));
  return null;
}

async function pictureOf(
  person: string,
  image: string,
  pictures: Pictures | undefined,
  lose: Lose,
): Promise<string | null> {
  if (image === "" || STANDARD_PICTURE.test(image)) return null;
  if (/^https?:\/\/\S+$/.test(image) && image.length <= 2048) return image;
  const stored = await pictures?.store(person, image) ??
    { reason: "a picture that is a file: --media names its folder" };
  if ("url" in stored) return stored.url;
  lose(stored.reason, image.slice(0, 100));
  return null;
}
