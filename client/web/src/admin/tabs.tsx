interface TabsProps {
  label: string;
  current: string;
  tabs: readonly { name: string; label: string; href: string }[];
}

/** Links to the parts of a section. */
export function Tabs({ label, current, tabs }: TabsProps) {
  return (
    <nav class="tabs admin-tabs" aria-label={label}>
      {tabs.map(({ name, label, href }) => (
        <a key={name} href={href} aria-current={name === current ? "page" : undefined}>{label}</a>
      ))}
    </nav>
  );
}
