import type { Plan } from '#orchestrator/plan/plan-type.ts'
import { FabricError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { ensureImage } from './image.ts'
import { createKadlabProgram } from './kadlab-program.ts'
import type { LabImages } from './lab.ts'
import type { ImageOptions, NodeProgram } from './program.ts'

/**
 * What makes the images of a plan ready at an engine.
 *
 * @param root - folder of kadlab's sources, from which images are built
 * @param env - names the base images
 * @param more - programs that nodes may run beside `kadlab`, or instead of it, by name
 */
export function createImages(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  more: Readonly<Record<string, NodeProgram>> = {},
): (engine: Engine, plan: Plan, how: ImageOptions) => Promise<LabImages> {
  const own = createKadlabProgram(root, env)
  const programs: Readonly<Record<string, NodeProgram>> = {
    kadlab: own,
    'stock-js': own,
    ...more,
  }

  const programNamed = async (name: string): Promise<NodeProgram> => {
    if (Object.hasOwn(programs, name)) return programs[name] as NodeProgram
    // What foreign peers say is judged here, for which much of the node's code is loaded: where there are any.
    const { createForeignPrograms } = await import('./foreign-program.ts')
    const foreign = createForeignPrograms(root, env)
    if (Object.hasOwn(foreign, name)) return foreign[name] as NodeProgram
    const known = [...Object.keys(programs), ...Object.keys(foreign)].join(', ')
    throw new FabricError(`No program is called \`${name}\` here; there are ${known}.`)
  }

  return async (engine, plan, how) => {
    const nodes = plan.variants.flatMap((variant) => variant.nodes)
    const names = new Set(['kadlab', ...nodes.map(({ program }) => program)])
    const wanted = await Promise.all(
      [...names].map(async (name) => ({ name, program: await programNamed(name) })),
    )
    const images = new Map<NodeProgram, Promise<string>>()
    const imageOf = (program: NodeProgram): Promise<string> => {
      const image = images.get(program) ?? program.image(engine, how)
      images.set(program, image)
      return image
    }
    const [router, ...tags] = await Promise.all([
      ensureImage(engine, { ...how, root, target: 'router', env }),
      ...wanted.map(({ program }) => imageOf(program)),
    ])
    const made = wanted.map(({ name, program }, index) => ({
      name,
      program,
      image: tags[index] ?? '',
    }))
    return {
      router,
      agent: made.find(({ name }) => name === 'kadlab')?.image ?? '',
      programs: new Map(made.map(({ name, program, image }) => [name, { program, image }])),
    }
  }
}
