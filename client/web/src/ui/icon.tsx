/** Strokes on a 24 × 24 grid. */
const SHAPES = {
  archive: "M4 8v11h16V8M3 4h18v4H3zM10 12h4",
  at: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM16 8v5.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.5 7.1",
  back: "M15 5l-7 7 7 7",
  bell: "M6 16V11a6 6 0 1 1 12 0v5l1.5 2h-15zM10 21h4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M2 12.5L6.5 17 15 7.5M11.5 16.5l.5.5L21 7.5",
  clip: "M8 12.5l6.5-6.5a3 3 0 0 1 4.3 4.3l-8.3 8.2a5 5 0 0 1-7-7L12 3",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  down: "M5 9l7 7 7-7",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  edit: "M4 20l1-5L16 4l4 4L9 19zM13 7l4 4",
  file: "M6 3h8l5 5v13H6zM14 3v5h5",
  forward: "M14 5l6 6-6 6M20 11h-9a7 7 0 0 0-7 7",
  globe: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c5 5 5 13 0 18-5-5-5-13 0-18",
  group:
    "M9 5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM2 20c0-4 3-6 7-6s7 2 7 6M16 5.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2.5.5 4 2.5 4 5.5",
  info: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 11v6M12 7.5h.01",
  leave: "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
  more:
    "M5 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4M12 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4M19 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4",
  mute: "M6 16v-5a6 6 0 0 1 1-3.5M10 5.3A6 6 0 0 1 18 11v5M4 18h14M10 21h4M3 3l18 18",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 8.5h.01",
  pin: "M9 4h6l-1 6 4 4H6l4-4zM12 14v6",
  plus: "M12 5v14M5 12h14",
  reply: "M10 5l-6 6 6 6M4 11h9a7 7 0 0 1 7 7",
  retry: "M20 12a8 8 0 1 1-2.5-5.8M20 4v5h-5",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
  send: "M4 12l16-8-5 16-4-7zM11 13l9-9",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4",
  smile:
    "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.5 14.5c1.8 2.4 5.2 2.4 7 0M9 9.3a.5.5 0 1 0 0 1 .5.5 0 0 0 0-1M15 9.3a.5.5 0 1 0 0 1 .5.5 0 0 0 0-1",
  spark: "M12 3l2 6.5L20.5 12 14 14.5 12 21l-2-6.5L3.5 12 10 9.5z",
  stop: "M7 7h10v10H7z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4 21c0-4 3.5-6.5 8-6.5s8 2.5 8 6.5",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
};

export type IconName = keyof typeof SHAPES;

/** An icon next to a text, or in a button with a label. */
export const Icon = ({ name }: { name: IconName }) => <Shape path={SHAPES[name]} />;

/** An icon that only one part of the page has. */
export function Shape({ path }: { path: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={path} />
    </svg>
  );
}

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick?: (event: MouseEvent) => void;
  disabled?: boolean;
  class?: string;
  submit?: boolean;
  pressed?: boolean;
  tabIndex?: number;
}

/** A button with an icon; its label is a tooltip, and is read by screen readers. */
export function IconButton({ icon, label, pressed, submit, ...rest }: IconButtonProps) {
  return (
    <button
      type={submit ? "submit" : "button"}
      {...rest}
      class={`icon-button ${rest.class ?? ""}`}
      aria-label={label}
      aria-pressed={pressed}
      title={label}
    >
      <Icon name={icon} />
    </button>
  );
}
