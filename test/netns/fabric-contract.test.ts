import { createNetnsFabric } from '#orchestrator/fabric/netns/netns-fabric.ts'
import { describeFabricContract } from '#test/orchestrator/fabric/contract.ts'

describeFabricContract('netns', createNetnsFabric)
