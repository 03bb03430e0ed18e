/** One GraphQL operation with the types of its answer and of its variables. */
export type Operation<Data, Variables extends OperationVariables> = {
  readonly name: string
  readonly text: string
  /** Only for the compiler: never set. */
  readonly types?: (variables: Variables) => Data
}

/** What an operation may be given: JSON values by name. */
export type OperationVariables = Readonly<Record<string, unknown>>
