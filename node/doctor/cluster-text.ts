import { visibleText } from '../base/visible.ts'
import { outcomeMark, partMark } from '../view/mark.ts'
import { createStyle, type Style } from '../view/style.ts'
import type { ClusterDiagnosis, HostDiagnosis, Listing } from './cluster.ts'
import { deadAddressCount } from './diagnosis.ts'

/** The diagnosis of a cluster for people: the ladder of each host, who lists whom, and what to do. */
export function clusterText(cluster: ClusterDiagnosis, style: Style = createStyle(false)): string {
  const { hosts, listings } = cluster
  const lines = [
    style('bold', `${cluster.name}: ${hosts.length} hosts as seen from here`),
    '',
    ...hosts.map((host) => hostLine(host, style)),
    '',
    style('bold', 'listings (rows list columns)'),
    '',
    ...matrix(cluster, style),
  ]
  const advice = [...hosts.flatMap(adviceLines), ...listings.flatMap(listingAdvice)]
  if (advice.length > 0) lines.push('', style('bold', 'what to do'), '', ...advice)
  lines.push(
    '',
    cluster.healthy
      ? `${outcomeMark(true, style)} healthy: every host lists all others, and strangers reach each`
      : `${outcomeMark(false, style)} not healthy`,
  )
  return visibleText(lines)
}

function hostLine({ name, diagnosis, release }: HostDiagnosis, style: Style): string {
  const dead = deadAddressCount(diagnosis)
  const mark =
    diagnosis.healthy && dead > 0 ? partMark(style) : outcomeMark(diagnosis.healthy, style)
  const { rung, cause } = diagnosis.sighting
  const why = cause === null ? '' : `, ${style('yellow', cause)}`
  const runs =
    release === null || release.seen === null || release.seen === release.wanted
      ? ''
      : ` (runs release ${release.seen}, should run ${release.wanted}: the update is on its way)`
  const some = dead === 0 || rung !== 'dialable' ? '' : `, ${dead} dead`
  return `  ${mark} ${name.padEnd(20)} ${rung}${some}${why}${runs}`
}

function matrix({ hosts, listings }: ClusterDiagnosis, style: Style): string[] {
  const cell = (observer: string, target: string): string => {
    if (observer === target) return outcomeMark(null, style)
    const listing = listings.find((one) => one.observer === observer && one.target === target)
    return listing === undefined || listing.listed === null
      ? '?'
      : outcomeMark(listing.listed, style)
  }
  const numbers = hosts.map((_, index) => String(index).padStart(2)).join(' ')
  return [
    `  ${''.padEnd(23)}${numbers}`,
    ...hosts.map(({ name }, index) => {
      const cells = hosts.map((target) => ` ${cell(name, target.name)}`).join(' ')
      return `  ${String(index).padStart(2)} ${name.padEnd(20)}${cells}`
    }),
  ]
}

function adviceLines({ name, diagnosis, advice }: HostDiagnosis): string[] {
  const text = advice ?? diagnosis.sighting.remedy?.text
  return diagnosis.healthy || text === undefined ? [] : [`  ${name}: ${text}`]
}

/** What the hosts' own advice does not say already: a healthy host that another one does not list. */
function listingAdvice({ observer, target, cause, remedy }: Listing): string[] {
  return remedy === null || cause !== null
    ? []
    : [`  ${observer} does not list ${target}: ${remedy}`]
}
