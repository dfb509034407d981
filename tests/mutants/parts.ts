import type { Sql } from "postgres";
import type { Mutant } from "./list.ts";

/** A function of Parley's. */
interface Source {
  name: string;
  object: string;
  /** The statement that creates it. */
  statement: string;
}

/** What is taken out of a function, and what stands in its place. */
interface Part {
  kind: string;
  start: RegExp;
  end: (token: string, depth: number) => boolean;
  instead: string;
}

const isEndOfStatement = (token: string) => token === ";";

/** Locks are left out, also those of functions: a transaction alone does not notice that one is missing. */
const LOCK = /\bchat_private\.lock_my_room\(/;

const partsOfFunctions: Part[] = [
  { kind: "refusal", start: /raise sqlstate '/g, end: isEndOfStatement, instead: "null" },
  {
    kind: "call",
    start: /perform chat_private\.(?:require|refuse|announce|record|count)_?\w*\(/g,
    end: isEndOfStatement,
    instead: "null",
  },
  {
    kind: "condition",
    start: /(?<=\n) *(?:and|or) (?=\S)/g,
    end: (token, depth) => depth < 0 || depth === 0 && [";", "\n", ","].includes(token),
    instead: "",
  },
  // What room_checking() evaluates instead of checks of the table.
  {
    kind: "check",
    start: /(?<=\n) *when not (?=\()/g,
    end: (token, depth) => depth === 0 && token === "\n",
    instead: "",
  },
];

/**
 * Each refusal, each call that checks or announces, each condition on a line of its own, and each check, of each function; and
 * each of the conditions of a policy.
 */
export async function listParts(sql: Sql): Promise<Mutant[]> {
  const sources = await sql<Source[]>`
    select format('%s.%s', pronamespace::regnamespace, proname) as name, proname as object,
      pg_get_functiondef(pg_proc.oid) as statement
    from pg_proc
    where pronamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and prokind = 'f'
    order by name, pg_get_function_identity_arguments(pg_proc.oid)`;
  const conditions = await sql<Condition[]>`
    select format('%I.%I', schemaname, tablename) as target, tablename as object, policyname as policy, clause, condition
    from pg_policies
    cross join lateral (values ('using', qual), ('with check', with_check)) as clauses (clause, condition)
    where condition is not null
      and (schemaname in ('chat', 'chat_private') or (schemaname, tablename) in (('realtime', 'messages'), ('storage', 'objects')))
    order by target, policy, clause`;
  return [
    ...sources.flatMap((source) => partsOfFunctions.flatMap((part) => mutantsOf(source, part))),
    ...conditions.flatMap(policyMutants),
  ];
}

function mutantsOf({ name, object, statement }: Source, { kind, start, end, instead }: Part): Mutant[] {
  const named = new Map<string, number>();
  return [...statement.matchAll(start)].map(({ index }) => {
    const removed = upTo(statement, index, end).replace(/ (then|loop)$/, "");
    const line = onOneLine(removed);
    const place = (named.get(line) ?? 0) + 1;
    named.set(line, place);
    return {
      kind,
      name: `${name}: ${line}${place > 1 ? ` (${place})` : ""}`,
      object,
      word: `${name}(`,
      statement: statement.slice(0, index) + instead + statement.slice(index + removed.length),
    };
  });
}

/** The condition of a policy, as Postgres writes it: in brackets, as is each that it consists of. */
interface Condition {
  target: string;
  object: string;
  policy: string;
  clause: string;
  condition: string;
}

function policyMutants({ target, object, policy, clause, condition }: Condition): Mutant[] {
  const whole = condition.slice(1, -1);
  const first = upTo(whole, 0, isOperator);
  const [operator] = /^AND|^OR/.exec(whole.slice(first.length)) ?? [];
  if (!operator) return [];
  const conditions = [first];
  for (let place = first.length; place < whole.length; place += conditions.at(-1)!.length) {
    place += operator.length;
    conditions.push(upTo(whole, place, isOperator));
  }
  return conditions.map((removed, index) => ({
    kind: "policy part",
    name: `${target}: ${policy}: ${onOneLine(removed)}`,
    object,
    word: policy,
    statement: `alter policy "${policy}" on ${target} ${clause} (${conditions.toSpliced(index, 1).join(operator)})`,
  })).filter(({ name }) => !LOCK.test(name));
}

const isOperator = (token: string, depth: number) => depth === 0 && ["AND", "OR"].includes(token);

function onOneLine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

/** The text from `start` to the token that ends it, outside of strings, and of brackets and cases that open in the text. */
function upTo(text: string, start: number, isEnd: Part["end"]): string {
  const tokens = /'[^']*'|--.*|\b(?:case|CASE|end|END|AND|OR)\b|[([\])]|[;,\n]/g;
  tokens.lastIndex = start;
  let depth = 0;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (/^(?:[([]|case)$/i.test(token[0])) depth++;
    if (/^(?:[)\]]|end)$/i.test(token[0])) depth--;
    if (isEnd(token[0], depth)) return text.slice(start, token.index);
  }
  return text.slice(start);
}
