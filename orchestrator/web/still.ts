import { Component } from 'preact'

/**
 * A component that is drawn again only when one of its properties is another value; of a list, when one of its elements
 * is. What it reads beside its properties must not change.
 */
export function still<Properties extends object>(
  draw: (properties: Properties) => unknown,
): new () => Component<Properties> {
  return class extends Component<Properties> {
    override shouldComponentUpdate(next: Readonly<Properties>): boolean {
      const before = new Map(Object.entries(this.props))
      return Object.entries(next).some(([name, value]) => !isSame(before.get(name), value))
    }

    override render(properties: Properties): never {
      return draw(properties) as never
    }
  }
}

function isSame(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return Object.is(one, other)
  return one.length === other.length && one.every((each, index) => Object.is(each, other[index]))
}
