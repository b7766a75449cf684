import type { Cause } from '../judgement/causes.ts'
import type { Diagnosis } from './diagnosis.ts'
import type { Host } from './hosts.ts'

type Azure = NonNullable<Host['azure']>

const on = ({ resourceGroup }: Azure): string => `--resource-group ${resourceGroup}`

/** Asks the VM itself, without SSH. */
const health = (azure: Azure): string =>
  `az vm run-command invoke ${on(azure)} --name ${azure.virtualMachine} --command-id RunShellScript --scripts kadlab-health`

const closed = (azure: Azure): string =>
  `nothing answers: the rule ${azure.securityRule} of ${azure.networkSecurityGroup} must let TCP in ` +
  `(az network nsg rule show ${on(azure)} --nsg-name ${azure.networkSecurityGroup} --name ${azure.securityRule}), ` +
  `and ${azure.virtualMachine} must run (az vm start ${on(azure)} --name ${azure.virtualMachine}); ` +
  '`terraform apply` fixes both'

const down = (azure: Azure): string => `the VM is up and the node is not: ${health(azure)}`

const untold = (azure: Azure): string =>
  `the node does not know its public address, which comes with user data: terraform apply, then ${health(azure)}`

/** Causes that are Azure's to fix, or the variables' of terraform/. */
const ADVICE: Readonly<Partial<Record<Cause, (azure: Azure) => string>>> = {
  DIAL_TIMED_OUT: closed,
  DIAL_NO_ROUTE: closed,
  ADDRESS_TIMED_OUT: closed,
  DIAL_REFUSED: down,
  ADDRESS_REFUSED: down,
  WRONG_PEER_ID: () => 'the node has another key than the state says: terraform apply',
  ONLY_PRIVATE_ADDRESSES: untold,
  NO_ADDRESS_ANNOUNCED: untold,
  CLIENT_MODE: () => 'take KAD_MODE out of the variable `environment`: terraform apply',
  PROTOCOL_MISMATCH: () =>
    'the variable `kademlia.protocol` was changed and the node has not followed yet: terraform apply',
}

/**
 * What to do about a host that is not healthy, in Azure's words: the rule, the variable of terraform/, the command. Null
 * where the host is no VM on Azure, or nothing is wrong with it.
 */
export function azureAdvice({ azure }: Host, { healthy, sighting }: Diagnosis): string | null {
  if (azure === undefined || healthy) return null
  const advice = sighting.cause === null ? undefined : ADVICE[sighting.cause]
  return advice?.(azure) ?? `what the VM itself says of it: ${health(azure)}`
}
