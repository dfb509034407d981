import type { Status } from "../support/stack.ts";
import { Random } from "./world/random.ts";
import { PASSWORD, type Person, type World } from "./world/world.ts";

/** A signed-in user, and the ids of their rooms. */
export interface Member {
  person: Person;
  token: string;
  /** The claims of the token, as Postgres gets them. */
  claims: string;
  rooms: number[];
}

const AT_ONCE = 4;

/** Signs in `count` random users through the API; each sign-in hashes a password, so not all of them. */
export async function signIn(
  { functions_url }: Status,
  { people, rooms }: World,
  count: number,
  log: (line: string) => void,
): Promise<Member[]> {
  const roomsOf = people.map((): number[] => []);
  for (const { id, members } of rooms) members.forEach((member) => roomsOf[member]!.push(id));
  const chosen = new Random(5).sample([...people.keys()].filter((at) => roomsOf[at]!.length > 0), count);
  const members: Member[] = [];
  log(`Signing in ${count} people …`);
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let at = chosen.pop(); at !== undefined; at = chosen.pop()) {
      const token = await login(functions_url, people[at]!);
      const claims = Buffer.from(token.split(".")[1]!, "base64url").toString();
      members.push({ person: people[at]!, token, claims, rooms: roomsOf[at]! });
    }
  }));
  return members.sort((a, b) => a.person.username.localeCompare(b.person.username));
}

async function login(functionsUrl: string, { username }: Person): Promise<string> {
  const response = await fetch(`${functionsUrl}/messenger/api/auth/login/`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ username, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`Signing in failed with ${response.status}: ${await response.text()}`);
  return (await response.json()).access;
}
