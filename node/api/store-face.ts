/** What a node's store takes, and the errors that it refuses with: for those who know a node by its face. */
export { NotImplementedError, StoreError } from '../store/errors.ts'
export { checkedKey, checkedValue } from '../store/items.ts'
