import type { AbortOptions } from '#node/base/abort-options.ts'
import { runLook } from '../docker/host-look.ts'
import type { LabIdentity } from '../docker/labels.ts'
import type { SwarmEngine } from './engines-file.ts'
import { SwarmUnfitError } from './errors.ts'

/** What a lab needs of an engine's kernel, tried in a namespace without any network. Each prints where it works. */
const TRIALS = {
  nat: "nft 'table ip kadlab_look { chain out { type nat hook postrouting priority 100; masquerade; }; }' && echo yes",
  conntrack: 'conntrack -L >/dev/null && echo yes',
  vxlan: 'ip link add look type vxlan id 42 dev lo dstport 4789 && echo yes',
} as const

const MODULES: Readonly<Record<string, string>> = {
  nat: 'nf_tables, nft_chain_nat, nft_masq',
  conntrack: 'nf_conntrack, nf_conntrack_netlink',
  vxlan: 'vxlan',
}

/**
 * Tries at every engine what routers and overlays need of its kernel.
 *
 * @param image - of routers
 * @throws SwarmUnfitError that names the engine and what to load there
 */
export async function checkKernels(
  engines: readonly SwarmEngine[],
  lab: LabIdentity,
  image: string,
  { signal }: AbortOptions,
): Promise<void> {
  const looks = engines.map(async ({ name, engine }, index) => {
    const options = { signal, name: `kernel-${index}`, network: 'none' as const }
    const said = await runLook(engine, lab, image, TRIALS, options)
    if ('detail' in said) {
      throw new SwarmUnfitError(
        `The kernel of the engine ${name} cannot be looked at: ${said.detail}`,
      )
    }
    const lacking = whatKernelLacks(name, said)
    if (lacking !== null) throw new SwarmUnfitError(lacking)
  })
  // All to their ends: what one engine lacks must not leave another's look behind.
  await Promise.allSettled(looks)
  await Promise.all(looks)
}

/**
 * What an engine's kernel cannot do and what to load there, in one sentence; null where it can do all.
 *
 * @param said - what each trial printed, by its name; nothing of one that failed
 */
export function whatKernelLacks(engine: string, said: ReadonlyMap<string, string>): string | null {
  const lacking = Object.keys(TRIALS).filter((trial) => !said.has(trial))
  if (lacking.length === 0) return null
  const modules = lacking.map((trial) => MODULES[trial] ?? trial).join(', ')
  return `The kernel of the engine ${engine} cannot do ${lacking.join(', ')}: load there ${modules} (modprobe).`
}
