import type { Style } from '#node/view/style.ts'
import type { RouterPlan } from '#orchestrator/plan/plan-type.ts'
import type { NatProof } from '#orchestrator/proof/nat-proof.ts'

/** Columns of the NAT proofs' table; the first two are as wide as the routers' names need. */
const COLUMNS = [
  ['protocol', 8],
  ['mapping', 7],
  ['filtering', 9],
  ['hairpin', 7],
  ['ports', 9],
] as const

/** The head of the table of NAT proofs. */
export function proofHead(routers: readonly RouterPlan[], style: Style): string {
  const head = [
    'NAT proof'.padEnd(nameWidth(routers) + 2),
    'preset'.padEnd(presetWidth(routers)),
    ...COLUMNS.map(([name, width]) => name.padEnd(width)),
  ]
  return style('dim', head.join('  ').trimEnd())
}

/** One measured router and protocol; where it is not what its preset says, what differs below it. */
export function proofLines(
  proof: NatProof,
  routers: readonly RouterPlan[],
  style: Style,
): string[] {
  const cells = [
    proof.protocol,
    proof.mapping ?? '?',
    proof.filtering ?? '?',
    proof.hairpin === null ? '?' : proof.hairpin ? 'yes' : 'no',
    proof.portPreservation === null ? '?' : proof.portPreservation ? 'preserved' : 'changed',
  ]
  const mark = proof.holds ? style('green', '✔') : style('red', '✘')
  const row = [
    proof.router.padEnd(nameWidth(routers)),
    style('cyan', proof.preset.padEnd(presetWidth(routers))),
    ...cells.map((cell, index) => cell.padEnd(COLUMNS[index]?.[1] ?? 0)),
  ]
  return [
    `${mark} ${row.join('  ').trimEnd()}`,
    ...proof.differences.map((difference) => `  ${style('red', difference)}`),
  ]
}

/** Many measured routers: those that are as each other are one line. */
export function crowdProofLines(
  proofs: readonly NatProof[],
  routers: readonly RouterPlan[],
  style: Style,
): string[] {
  const alike = Map.groupBy(proofs, ({ router: _router, ...measured }) => JSON.stringify(measured))
  return [...alike.values()].flatMap((those) => {
    const [first] = those
    if (first === undefined) return []
    const router = those.length === 1 ? first.router : `${those.length} routers`
    return proofLines({ ...first, router }, routers, style)
  })
}

/** Whose change a mapping or a filter depends on, in the words of RFC 4787. */
const MEANING = {
  EI: 'endpoint-independent',
  AD: 'address-dependent',
  APD: 'address- and port-dependent',
} as const

/** What the abbreviations of these proofs stand for; nothing where nothing was measured. */
export function proofLegend(proofs: readonly NatProof[], style: Style): string[] {
  const seen = new Set(proofs.flatMap(({ mapping, filtering }) => [mapping, filtering]))
  const words = Object.entries(MEANING).flatMap(([short, long]) =>
    seen.has(short as keyof typeof MEANING) ? [`${short} ${long}`] : [],
  )
  return words.length === 0 ? [] : [style('dim', `${words.join(', ')} (RFC 4787)`)]
}

function nameWidth(routers: readonly RouterPlan[]): number {
  return Math.max('NAT proof'.length - 2, ...routers.map(({ name }) => name.length))
}

function presetWidth(routers: readonly RouterPlan[]): number {
  return Math.max('preset'.length, ...routers.map(({ preset }) => preset.length))
}
