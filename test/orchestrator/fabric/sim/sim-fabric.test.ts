import { createSimFabric } from '#orchestrator/fabric/sim/sim-fabric.ts'
import { describeFabricContract } from '#test/orchestrator/fabric/contract.ts'

describeFabricContract('sim', () => createSimFabric())
