import { Shape } from "../ui/icon.tsx";
import type { SectionName } from "./route.ts";

/** Strokes on a 24 × 24 grid. */
const SHAPES: Record<SectionName | "menu", string> = {
  overview: "M4 20V11M10 20V4M16 20v-7M21 20H3",
  reports: "M5 21V4M5 5c5-3 9 3 14 0v9c-5 3-9-3-14 0",
  people: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-4 3.5-6.5 8-6.5s8 2.5 8 6.5",
  rooms: "M4 5h16v11H10l-5 4v-4H4zM8 9h8M8 12h5",
  messages: "M4 5h16v11H10l-5 4v-4H4z",
  bans: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.8 5.8l12.4 12.4",
  words: "M4 6h16M4 11h10M4 16h7M14 15l6 6M20 15l-6 6",
  limits: "M4 18a9 9 0 1 1 16 0M12 15l4-6M12 15h.01",
  retention: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.5 2",
  audit: "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
  system: "M4 5h16v5H4zM4 14h16v5H4zM7.5 7.5h.01M7.5 16.5h.01",
  menu: "M4 7h16M4 12h16M4 17h16",
};

export const SectionIcon = ({ name }: { name: keyof typeof SHAPES }) => <Shape path={SHAPES[name]} />;
