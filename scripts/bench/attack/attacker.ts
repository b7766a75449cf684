// A process that attacks: node attacker.ts <attack> <host> <multiaddr of the attacked node> <milliseconds>
import { ATTACK_NAMES, ATTACKS, type AttackName } from './attacks.ts'

const [, , name = '', host = '', address = '', lastMs = ''] = process.argv
const attack = ATTACKS[ATTACK_NAMES.find((each) => each === name) as AttackName]
// What the attacked node refuses fails here in many ways, and an attacker goes on.
process.on('uncaughtException', () => {})
process.on('unhandledRejection', () => {})
setTimeout(() => process.exit(0), Number(lastMs))
await attack.run({ address, host, signal: AbortSignal.timeout(Number(lastMs)) })
