import { z } from 'zod'

/** As much of a CycloneDX 1.5 document (as `npm sbom` makes it) as is looked at; the rest is handed on as it is. */
const BomSchema = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  metadata: z.looseObject({ component: z.looseObject({ name: z.string() }) }),
  components: z.array(
    z.looseObject({ 'bom-ref': z.string(), name: z.string(), version: z.string() }),
  ),
  dependencies: z.array(
    z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()).optional() }),
  ),
})

export type Bom = z.infer<typeof BomSchema>

/**
 * Of everything that is installed to build kadlab, what its image holds: the packages that bundled code comes from.
 *
 * @param text what `npm sbom --sbom-format cyclonedx` wrote
 * @param bundled `name@version` of each of these packages
 * @throws Error where one is not in the document: it would say less than is shipped.
 */
export function imageBom(text: string, bundled: ReadonlySet<string>): Bom {
  const whole = BomSchema.parse(JSON.parse(text))
  const components = whole.components
    .filter(({ name, version }) => bundled.has(`${name}@${version}`))
    .map((component) => ({
      ...component,
      scope: 'required',
      // All of them are development dependencies: nothing is installed beside what is shipped.
      properties: undefined,
    }))
  const seen = new Set(components.map(({ name, version }) => `${name}@${version}`))
  const missing = [...bundled].filter((each) => !seen.has(each))
  if (missing.length > 0) {
    throw new Error(
      `expected every bundled package in what npm lists, saw none of ${missing.join(', ')}: npm ci`,
    )
  }
  const refs = new Set(components.map((component) => component['bom-ref']))
  const dependencies = whole.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((to) => refs.has(to)) }))
  // npm names the root after its folder.
  const component = { ...whole.metadata.component, type: 'container', name: 'kadlab' }
  return { ...whole, metadata: { ...whole.metadata, component }, components, dependencies }
}
