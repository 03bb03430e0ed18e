import SchemaBuilder from '@pothos/core'

import type { ApiContext } from './context.ts'

/** What each scalar is in resolvers: decimal and hexadecimal values stay text from end to end. */
export type ApiScalars = {
  ID: { Input: string; Output: string }
  BigInt: { Input: string; Output: string }
  SafeInt: { Input: number; Output: number }
  Address: { Input: string; Output: string }
  Bytes32: { Input: string; Output: string }
  Bytes: { Input: string; Output: string }
}

/** The one schema builder; every noun's file adds its types to it. */
export const builder = new SchemaBuilder<{
  Context: ApiContext
  Scalars: ApiScalars
  DefaultFieldNullability: false
}>({ defaultFieldNullability: false })

builder.queryType({ description: 'Everything that can be read; each field reads at one block.' })
