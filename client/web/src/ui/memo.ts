import { type Component, type FunctionComponent, h } from "preact";

/** How to compare properties that are not compared by identity. */
type Same<P> = { [K in keyof P]?: (one: P[K], other: P[K]) => boolean };

/** A component that renders again only when a property changes. */
export function memo<P extends object>(inner: FunctionComponent<P>, same: Same<P> = {}): FunctionComponent<P> {
  return function Memo(this: Component<P>, props: P) {
    this.shouldComponentUpdate = (next) => differs(this.props as P, next as P, same);
    return h(inner, props);
  } as FunctionComponent<P>;
}

function differs<P extends object>(one: P, other: P, same: Same<P>): boolean {
  for (const key in other) {
    if (one[key] !== other[key] && !same[key]?.(one[key], other[key])) return true;
  }
  for (const key in one) if (!(key in other)) return true;
  return false;
}
