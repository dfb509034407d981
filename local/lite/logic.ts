const LOGIC = /^(.*\.)?((?:not\.)?(?:or|and))$/;

/** Joins filters of one resource that repeat `or` or `not.…` with `and`, as PostgREST reads them: lite would read one `or` of all. */
export function withJoinedLogic(request: Request): Request {
  const url = new URL(request.url);
  const found = [...url.searchParams].flatMap(([name, filter]) => {
    const [, resource = "", logic] = LOGIC.exec(name) ?? [];
    return logic ? [{ name, resource, logic, filter }] : [];
  });
  const repeated = found.filter(({ name, logic }, index) =>
    logic !== "and" && found.findIndex((other) => other.name === name) < index
  );
  if (repeated.length === 0) return request;
  for (const resource of new Set(repeated.map((one) => one.resource))) {
    const parts = found.filter((one) => one.resource === resource);
    for (const { name } of parts) url.searchParams.delete(name);
    url.searchParams.set(`${resource}and`, `(${parts.map(({ logic, filter }) => logic + filter).join()})`);
  }
  return new Request(url, request);
}
