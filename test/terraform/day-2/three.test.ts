import { THREE } from './changes.ts'
import { describeDayTwo } from './matrix.ts'

describeDayTwo('three', 'three nodes in one region', THREE)
