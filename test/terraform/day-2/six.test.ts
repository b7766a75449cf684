import { SIX } from './changes.ts'
import { describeDayTwo } from './matrix.ts'

describeDayTwo('six', 'six nodes in three regions', SIX)
