import { builder } from '../builder.ts'
import type { Entity } from '../entity.ts'

/** The account type, which every column that holds an account leads to. */
export const ACCOUNT_REF = builder.objectRef<Entity>('Account')
