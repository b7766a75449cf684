import { describe, it } from 'node:test'
import { assertStockTwoNodes } from '#test/support/nat-two-nodes.ts'

describe('js-libp2p as it comes, on Docker', { timeout: 300_000 }, () => {
  it('shows what it shows on the simulated network', () => assertStockTwoNodes('docker'))
})
