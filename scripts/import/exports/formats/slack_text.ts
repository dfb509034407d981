const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** What Slack writes as `<@U1>`, `<#C1|general>`, `<!here>` and `<https://…|label>`, as a person reads it. */
export function readable(text: string, people: Map<string, string>, rooms: Map<string, string>): string {
  return text
    .replace(/<([^<>|]*)(?:\|([^<>]*))?>/g, (whole, target: string, label: string | undefined) => {
      if (/^@[A-Z0-9]+$/.test(target)) return `@${people.get(target.slice(1)) ?? (label || target.slice(1))}`;
      if (/^#[A-Z0-9]+$/.test(target)) return `#${label || (rooms.get(target.slice(1)) ?? target.slice(1))}`;
      if (/^!(here|channel|everyone)$/.test(target)) return `@${target.slice(1)}`;
      if (target.startsWith("!")) return label ?? `@${target.slice(1)}`;
      const address = target.replace(/^(mailto|tel):/, "");
      if (!/^(https?|ftps?|mailto|tel|sip|skype|slack|file):/i.test(target)) return whole;
      if (!label || label === address || label === target) return address;
      return target.replace(/^\w+:\/\//, "").replace(/\/$/, "") === label ? target : `${label} (${address})`;
    })
    .replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]!);
}
