/** How good the routing tables of a lab are against the best that its plan allows. */
export interface TableHealth {
  /** Of the 20 closest that each node could list, the share that it lists: 0 to 1; 1 where nobody could list anybody. */
  readonly recall: number
  /** Share of all listed contacts that do not run: 0 to 1. */
  readonly dead: number
  /** Contacts in all tables. */
  readonly contacts: number
  /** Who should list whom and does not. */
  readonly missing: readonly (readonly [observer: string, target: string])[]
}

/** `recall 97.5%, dead 0%`. */
export function tableHealthText({ recall, dead }: Pick<TableHealth, 'recall' | 'dead'>): string {
  return `recall ${percent(recall)}, dead ${percent(dead)}`
}

/** A share in whole and tenth percent, never rounded up to all, nor down to nothing. */
export function percent(share: number): string {
  const tenths = share * 1000
  const shown = share > 0.5 ? Math.floor(tenths + 1e-9) : Math.ceil(tenths - 1e-9)
  return `${shown / 10}%`
}
