/** Comments, strings, quoted names, bodies between dollar quotes, and what begins or ends something: nothing else matters. */
const tokens = [
  /--[^\n]*/,
  /\/\*[\s\S]*?\*\//,
  /\be'(?:[^'\\]|\\[\s\S]|'')*'/,
  /'(?:[^']|'')*'/,
  /"(?:[^"]|"")*"/,
  /\$(\w*)\$[\s\S]*?\$\1\$/,
  /\bbegin\s+atomic\b|\bcase\b|\bend\b/,
  /;/,
].map(({ source }) => source).join("|");

/** Splits SQL into its statements, each with the comments above it and without its semicolon, as the Supabase CLI does. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let depth = 0;
  for (const { 0: token, index } of sql.matchAll(new RegExp(tokens, "gi"))) {
    const word = token.toLowerCase();
    if (word.startsWith("begin") || (word === "case" && depth > 0)) depth++;
    else if (word === "end" && depth > 0) depth--;
    else if (word === ";" && depth === 0) {
      statements.push(sql.slice(start, index));
      start = index + 1;
    }
  }
  statements.push(sql.slice(start));
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== "");
}
