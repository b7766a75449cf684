/** What a peer of another implementation holds of a node's records: for those who speak to it as to a node. */
export { foreignValue } from '../store/foreign-value.ts'
