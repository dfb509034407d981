import type { Cell } from "../measure/cell.ts";

/** Reports routes that execute statements which their direct clients do not: the ceiling is then another one. */
export function strangers(cells: Cell[]): string[] {
  const lines = cells.filter(({ path }) => path === "direct").flatMap((direct) => {
    const route = cells.find((cell) =>
      cell.path === "gateway" && cell.scenario === direct.scenario && cell.connections === direct.connections
    );
    if (!route) return [];
    const known = new Set(direct.statements.map(({ id }) => id));
    return route.statements.filter(({ id }) => !known.has(id))
      .map(({ text }) => `Of ${direct.scenario}, the direct clients do not know: ${text.slice(0, 160)}`);
  });
  return [...new Set(lines)];
}
