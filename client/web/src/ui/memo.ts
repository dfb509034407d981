import { type Component, type FunctionComponent, h } from "preact";

/** When two values of a property count as the same, for those where it is not by identity. */
type Same<P> = { [K in keyof P]?: (one: P[K], other: P[K]) => boolean };

/** A component that is drawn anew only when one of its properties is another. */
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
