import { html } from 'htm/preact'
import { useMemo } from 'preact/hooks'
import { type PairPacket, pairPackets } from '#orchestrator/picture/packets.ts'
import type { VariantPicture } from '#orchestrator/picture/picture.ts'
import { duration } from './marks.ts'
import { count, linkTo, packetCount, packets, route, source } from './store.ts'

/** So many are shown at a time. */
const SHOWN = 300

/** The packets of a pair up to the moment that is looked at, each with its number in the capture. */
export function Packets({
  variant,
  observer,
  target,
}: {
  variant: VariantPicture
  observer: string
  target: string
}): unknown {
  const all = packets.ofVariant(variant.name)
  const found = useMemo(() => {
    const nodes = variant.nodes.map(({ plan }) => plan)
    return pairPackets(all, { plan: variant.plan, nodes }, [observer, target])
  }, [variant.name, observer, target, packetCount.value])
  if (source.value === 'cluster') return null
  const now = route.value.at ?? count.value
  const crossed = found.filter(({ after }) => after <= now)
  const left = crossed.length - SHOWN
  return html`<section>
    <h3>Packets between the two</h3>
    ${
      crossed.length === 0
        ? html`<p class="empty">${nothing(found.length)}</p>`
        : html`<p class="facts">
              Numbers are those of packets.pcapng:${' '}<code
                >frame.number == ${crossed[0]?.number}</code
              >
              finds the first in Wireshark.
            </p>
            <ol class="events packets" aria-label="Packets">
              ${left > 0 && html`<li class="dim">${left} earlier ones are not shown</li>`}
              ${crossed.slice(-SHOWN).map((packet) => Line({ packet, variant }))}
            </ol>`
    }
  </section>`
}

function Line({ packet, variant }: { packet: PairPacket; variant: VariantPicture }): unknown {
  const { number, after, atMs, network, from, to, says, senders, receivers, about } = packet
  const since = Math.max(0, atMs - variant.startedAtMs)
  const names =
    about === undefined
      ? `${senders.join(' or ')} → ${receivers.join(' or ')}`
      : `to ${receivers.join(' or ')}, of ${senders.join(' or ')}`
  return html`<li>
    <a href=${linkTo({ at: after })}
      ><time>+${since < 10 ? `${since.toFixed(2)} ms` : duration(since)}</time></a
    >
    <b>${number}</b>
    <span>${names}: ${says} <code>${from} → ${to}, ${network}</code></span>
  </li>`
}

function nothing(later: number): string {
  if (later > 0) return 'None had crossed by then.'
  if (packetCount.value > 0) return 'None crossed, or none of the first that this page holds.'
  return 'None were recorded: on the simulated network --pcap records them.'
}
