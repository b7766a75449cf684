import { createDockerFabric } from '#orchestrator/fabric/docker/docker-fabric.ts'
import { describeFabricContract } from '#test/orchestrator/fabric/contract.ts'

describeFabricContract('docker', () => createDockerFabric())
