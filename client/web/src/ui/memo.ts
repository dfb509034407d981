import { type Component, type FunctionComponent, h } from "preact";

/** A component that is drawn anew only when one of its properties is another. */
export function memo<P extends object>(inner: FunctionComponent<P>): FunctionComponent<P> {
  return function Memo(this: Component<P>, props: P) {
    this.shouldComponentUpdate = (next) => differs(this.props, next);
    return h(inner, props);
  } as FunctionComponent<P>;
}

function differs(one: object, other: object): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<keyof typeof one>;
  return [...keys].some((key) => one[key] !== other[key]);
}
