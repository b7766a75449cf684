import { type Figure, figure } from '../figures/figure.ts'
import type { Measured } from './measure.ts'

type Read = (measured: Measured) => number

/** What a figure of kadlab's may be, as a multiple of go's, or of kadlab's own in better days. */
interface Target {
  name: string
  of: Read
  /** Greater is better: the ratio is turned round. */
  more?: true
  /** Whose figure it is held against, and which. */
  to: { program: 'go-kv' | 'kadlab'; read: Read }
  target: number
}

/** The same figure of go-kv. */
const asGo = (name: string, of: Read, target: number): Target => ({
  name,
  of,
  to: { program: 'go-kv', read: of },
  target,
})

const TARGETS: readonly Target[] = [
  asGo('put p50 / go', ({ sequence }) => sequence.put.p50, 2),
  asGo('put p99 / go', ({ sequence }) => sequence.put.p99, 2),
  asGo('get p50 / go', ({ sequence }) => sequence.get.p50, 0.5),
  asGo('get at the farthest p50 / go', ({ sequence }) => sequence.getFar.p50, 1),
  asGo('get of no record p50 / go', ({ sequence }) => sequence.getNone.p50, 1),
  asGo('joined / go', ({ joinedMs }) => joinedMs, 2),
  {
    ...asGo('calls a second, 64 in flight: go / kadlab', (m) => m.parallel.perSecond, 1),
    more: true,
  },
  {
    name: 'put p99 with one peer stopped / without',
    of: ({ oneStopped }) => oneStopped.put.p99,
    to: { program: 'kadlab', read: ({ sequence }) => sequence.put.p99 },
    target: 1.5,
  },
  {
    name: 'get p99 with one peer stopped / without',
    of: ({ oneStopped }) => oneStopped.get.p99,
    to: { program: 'kadlab', read: ({ sequence }) => sequence.get.p99 },
    target: 1.5,
  },
]

/** Each target as a figure, at each number of peers at which both programs were measured. */
export function ratios(all: readonly Measured[]): Figure[] {
  return all
    .filter(({ program }) => program === 'kadlab')
    .flatMap((own) =>
      TARGETS.flatMap(({ name, of, to, more, target }) => {
        const other = all.find(
          ({ program, peers }) => program === to.program && peers === own.peers,
        )
        if (other === undefined) return []
        const ratio = of(own) / to.read(other)
        return [figure(`${own.peers} peers: ${name}`, 'ratio', [more ? 1 / ratio : ratio], target)]
      }),
    )
}
