import { describeFabricContract } from '#test/orchestrator/fabric/contract.ts'
import { testFabric } from './engines.ts'

describeFabricContract('swarm', testFabric)
