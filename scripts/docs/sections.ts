import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { PROBLEMS } from '#node/api/http/problem.ts'
import { CONFIG_VARIABLES } from '#node/config/config.ts'
import { NODE_EVENTS } from '#node/events/event-docs.ts'
import { CAUSES } from '#node/judgement/causes.ts'
import { RUNG_MEANING, RUNGS } from '#node/judgement/ladder.ts'
import { METRICS_TABLE } from '#node/metrics/metrics-table.ts'
import { type Patch, PATCHES } from '#node/patches/patches.ts'
import { catalogue } from '#orchestrator/catalogue/catalogue.ts'
import { LINK_PRESETS } from '#orchestrator/net/link-presets.ts'
import { NAT_PRESETS } from '#orchestrator/net/nat-presets.ts'
import { RUN_EVENTS } from '#orchestrator/run/event-docs.ts'
import { FABRIC_NAMES, fabricFacts } from '#orchestrator/scenario/fabrics.ts'
import { PROGRAMS } from '#orchestrator/scenario/programs.ts'
import type { ExpectationWord } from '#orchestrator/words/expectation.ts'
import { EXPECTATIONS } from '#orchestrator/words/expectations/expectations.ts'
import type { StepWord } from '#orchestrator/words/step.ts'
import { STEPS } from '#orchestrator/words/steps/steps.ts'
import { NODE_FACE, NODE_ROOMS, ORCHESTRATOR_ROOMS, type Room } from '../rooms/rooms.ts'
import { accuracyCauses, accuracyFigures, doctorFigures } from './accuracy.ts'
import { commandsHelp } from './command-help.ts'
import { keysTable } from './schema-keys.ts'
import { code, table } from './table.ts'
import { terraformDayTwo } from './terraform-day-2.ts'
import { terraformInputs, terraformOutputs, terraformParts } from './terraform.ts'

/** What documents may hold between marks, by name: tables made from the code that they describe. */
export const SECTIONS: Readonly<Record<string, () => string | Promise<string>>> = {
  scenarios: async () =>
    table(
      ['scenario', 'what it shows', 'variants'],
      (await catalogue()).map(({ name, title, variants }) => [
        code(name),
        title,
        variants.map(code).join(', '),
      ]),
    ),
  'accuracy-figures': accuracyFigures,
  'accuracy-causes': accuracyCauses,
  'doctor-accuracy': doctorFigures,
  commands: commandsHelp,
  'scenario-keys': () => keysTable(),
  'site-keys': () => keysTable('sites', '*'),
  'nat-keys': () => keysTable('sites', '*', 'nat', 1),
  'forward-keys': () => keysTable('sites', '*', 'nat', 1, 'forwards', '[]'),
  'timeout-keys': () => keysTable('sites', '*', 'nat', 1, 'timeouts'),
  'link-keys': () => keysTable('sites', '*', 'link', 1),
  'node-keys': () => keysTable('nodes', '*'),
  'variant-keys': () => keysTable('variants', '*'),
  'node-events': () =>
    table(
      ['event', 'when', 'fields'],
      Object.entries(NODE_EVENTS).map(([event, { about, fields }]) => [
        code(event),
        about,
        Object.entries(fields)
          .map(([field, what]) => (what === '' ? code(field) : `${code(field)}: ${what}`))
          .join('; '),
      ]),
    ),
  patches: () =>
    table(
      ['file', 'upstream', 'what is wrong there', 'instead', 'reported', 'may go when'],
      Object.entries<Patch>(PATCHES).map(([file, patch]) => [
        code(file),
        `${code(patch.package)}, ${code(patch.upstream)}`,
        patch.wrong,
        patch.instead,
        patch.issue === null ? 'none found' : `[report](${patch.issue})`,
        patch.until,
      ]),
    ),
  'run-events': () =>
    table(
      ['type', 'what it says'],
      Object.entries(RUN_EVENTS).map(([type, about]) => [code(type), about]),
    ),
  'action-inputs': async () => {
    const { inputs } = parse(await readFile('action.yml', 'utf8')) as Action
    return table(
      ['input', 'default', 'what it is'],
      Object.entries(inputs).map(([name, { description, default: fallback = '' }]) => [
        code(name),
        fallback === '' ? '–' : code(fallback),
        description,
      ]),
    )
  },
  'node-rooms': () => roomsTable(NODE_ROOMS),
  'orchestrator-rooms': () => roomsTable(ORCHESTRATOR_ROOMS),
  'node-face': () => NODE_FACE.map(code).join(', '),
  rungs: () =>
    table(
      ['rung', 'what it means'],
      RUNGS.map((rung) => [code(rung), RUNG_MEANING[rung]]),
    ),
  causes: () =>
    table(
      ['cause', 'rung', 'what happened', 'remedy'],
      Object.entries(CAUSES).map(([cause, { rung, meaning, remedy }]) => [
        code(cause),
        rung,
        meaning,
        remedy,
      ]),
    ),
  'nat-presets': () =>
    table(
      [
        'preset',
        'routers',
        'mapping',
        'filtering',
        'ports',
        'hairpin',
        'lets in unasked',
        'what it is',
      ],
      Object.entries(NAT_PRESETS).map(([name, { doc, letsIn, routers }]) => [
        code(name),
        String(routers.length),
        ...(['mapping', 'filtering', 'ports'] as const).map((key) =>
          orDash(routers.map((router) => router[key])),
        ),
        orDash(routers.map(({ hairpin }) => (hairpin ? 'yes' : 'no'))),
        letsIn,
        doc,
      ]),
    ),
  'nat-seen-at': () =>
    table(
      ['preset', 'real devices, clouds and carriers that behave so'],
      Object.entries(NAT_PRESETS).flatMap(([name, { seenAt }]) =>
        seenAt.map(({ what, source }, index) => [
          index === 0 ? code(name) : '',
          `${what} ([source](${source}))`,
        ]),
      ),
    ),
  'link-presets': () =>
    table(
      ['preset', 'latency', 'jitter', 'rate', 'loss', 'what it is'],
      Object.entries(LINK_PRESETS).map(([name, { doc, link }]) => [
        code(name),
        `${link.latencyMs} ms`,
        `${link.jitterMs} ms`,
        link.rateBps === null ? 'unlimited' : `${link.rateBps / 1e6} Mbit/s`,
        `${link.loss * 100} %`,
        doc,
      ]),
    ),
  programs: () =>
    table(
      ['program', 'what it is', 'fabrics'],
      Object.entries(PROGRAMS).map(([name, { doc, fabrics }]) => [
        code(name),
        doc,
        fabrics.join(', '),
      ]),
    ),
  fabrics: () =>
    table(
      ['fabric', 'what it is', 'when to take it', 'needs', 'two sites with one subnet', 'programs'],
      FABRIC_NAMES.map((name) => {
        const { doc, when, needs, sameSubnets, foreignPrograms } = fabricFacts(name)
        return [
          code(name),
          doc,
          when,
          needs === null ? 'nothing' : needs.needed,
          sameSubnets ? 'yes' : 'no',
          foreignPrograms ? 'all' : 'kadlab, stock-js',
        ]
      }),
    ),
  steps: () => verbs(STEPS),
  expectations: () => verbs(EXPECTATIONS),
  config: () =>
    table(
      ['variable', 'default', 'allowed', 'what it does'],
      CONFIG_VARIABLES.map(({ name, default: fallback, allowed, unit, doc }) => [
        code(name),
        fallback === '' ? '–' : code(fallback),
        unit === null ? allowed : `${allowed} (${unit})`,
        doc,
      ]),
    ),
  problems: () =>
    table(
      ['code', 'status', 'title'],
      Object.entries(PROBLEMS).map(([name, { status, title }]) => [
        code(name),
        String(status),
        title,
      ]),
    ),
  'terraform-inputs': terraformInputs,
  'terraform-outputs': terraformOutputs,
  'terraform-parts': terraformParts,
  'terraform-changes': terraformDayTwo,
  metrics: () =>
    table(
      ['metric', 'type', 'labels', 'what it counts'],
      Object.entries(METRICS_TABLE).map(([name, { type, help, labels }]) => [
        code(name),
        type,
        labels.map(code).join(', '),
        help,
      ]),
    ),
}

/** What action.yml says of its inputs. */
interface Action {
  inputs: Record<string, { description: string; default?: string }>
}

function verbs(words: Readonly<Record<string, ExpectationWord | StepWord>>): string {
  return table(
    ['word', 'beside it', 'what it says'],
    Object.values(words).map(({ word, schema: { shape, description = '' } }) => [
      code(word),
      Object.keys(shape)
        .filter((key) => key !== word)
        .map(code)
        .join(', '),
      description,
    ]),
  )
}

function roomsTable(rooms: readonly Room[]): string {
  return table(
    ['room', 'what it is for', ''],
    rooms.map(({ path, about, pure = false }) => [code(path), about, pure ? 'pure' : '']),
  )
}

/** From inside to outside, once where all are the same; a dash where there is none. */
function orDash(words: readonly string[]): string {
  return words.length === 0 ? '–' : [...new Set(words)].join(', then ')
}
