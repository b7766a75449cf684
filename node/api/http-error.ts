import { z } from 'zod'
import { ErrorSchema } from './schema.ts'

/** The body of every answer of the HTTP face that is not a success. */
export const HttpErrorSchema = z.object({ error: ErrorSchema })
