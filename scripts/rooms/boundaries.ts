import { IO_MODULES, NODE_FACE, NODE_ROOMS, ORCHESTRATOR_ROOMS, type Room } from './rooms.ts'

/** A rule of the lint for the files of one room. */
interface Override {
  files: string[]
  rules: Record<string, unknown>
}

interface Pattern {
  regex: string
  message: string
}

/** One rule for each room: what it may not import. A rule of a room within a room comes later and so wins. */
export function boundaryRules(): Override[] {
  return [
    ...NODE_ROOMS.map((room) => rule(room, [...above(room, NODE_ROOMS), noOrchestrator()])),
    ...ORCHESTRATOR_ROOMS.map((room) =>
      rule(room, [...above(room, ORCHESTRATOR_ROOMS), ...otherFabrics(room), ...nodeInside(room)]),
    ),
    {
      files: ['node/*.ts'],
      rules: { 'no-restricted-imports': ['error', { patterns: [noOrchestrator()] }] },
    },
  ]
}

function rule({ path, pure = false }: Room, patterns: Pattern[]): Override {
  const all = pure ? [...patterns, noIo(path)] : patterns
  const rules: Override['rules'] = { 'no-restricted-imports': ['error', { patterns: all }] }
  if (pure) {
    rules['no-restricted-globals'] = ['error', 'fetch', 'setTimeout', 'setInterval', 'process']
  }
  return { files: [`${path}/**`], rules }
}

/** The rooms after this one. A room within a room is forbidden with it, unless it comes before. */
function above(room: Room, rooms: readonly Room[]): Pattern[] {
  const at = rooms.indexOf(room)
  const later = rooms.slice(at + 1).filter(({ path }) => !path.startsWith(`${room.path}/`))
  const inner = rooms.slice(at + 1).filter(({ path }) => path.startsWith(`${room.path}/`))
  const inside = inner.map(({ path }) => path.slice(room.path.length + 1))
  return [
    ...later.map(({ path }) => ({
      regex: `^${sourceOf(path)}/`,
      message: `${room.path}/ comes before ${path}/ and does not import it`,
    })),
    ...inside.map((name) => ({
      regex: `^(\\./|#${room.path}/)${name}/`,
      message: `${room.path}/ comes before ${room.path}/${name}/ and does not import it`,
    })),
  ]
}

/** `#node/api/http` or the same by a relative path: `../../api/http`, or `../http` from within. */
function sourceOf(path: string): string {
  const [top = '', ...rest] = path.split('/')
  const inner = rest.join('/')
  const last = rest.at(-1) ?? ''
  const relative = rest.length > 1 ? `(${inner}|${last})` : inner
  return `(#${top}/${inner}|(\\.\\./)+(${top}/)?${relative})`
}

function otherFabrics({ path }: Room): Pattern[] {
  const fabrics = ORCHESTRATOR_ROOMS.filter(
    (other) => /^orchestrator\/fabric\/./.test(other.path) && other.path !== path,
  )
  if (!/^orchestrator\/fabric\/./.test(path)) return []
  // A lab over several engines is made of the parts of a lab at one.
  const own = path === 'orchestrator/fabric/swarm' ? 'orchestrator/fabric/docker' : path
  return fabrics
    .filter((other) => other.path !== own)
    .map((other) => ({
      regex: `^${sourceOf(other.path)}/`,
      message: `no fabric imports another`,
    }))
}

/** What lies behind a node's face. */
function nodeInside({ path }: Room): Pattern[] {
  if (path === 'orchestrator/fabric/sim') return []
  const inside = NODE_ROOMS.map((room) => room.path).filter((room) => !NODE_FACE.includes(room))
  const message = `${path}/ knows a node by its face: ${NODE_FACE.join(', ')}`
  // A room's own files, or those at the root of node/ (`[^/]+$`). The lint's expressions know no negative look-ahead.
  const names = [...inside.map((room) => `${room.slice('node/'.length)}/`), '[^/]+$']
  return [{ regex: `^(#|(\\.\\./)+)node/(${names.join('|')})`, message }]
}

function noOrchestrator(): Pattern {
  return {
    regex: `^(#|(\\.\\./)+)orchestrator/`,
    message: 'node/ never imports orchestrator/',
  }
}

function noIo(path: string): Pattern {
  return {
    regex: `^(${IO_MODULES.join('|')})(/|$)`,
    message: `${path}/ is pure: no I/O`,
  }
}
