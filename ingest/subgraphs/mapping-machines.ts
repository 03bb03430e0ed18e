import { NonDeterministicError } from './failure.ts'
import { MappingInstance, type MappingModule } from './heap/mapping-instance.ts'
import type { HostContext } from './host/host-context.ts'
import { hostFunctions } from './host/host-functions.ts'
import type { NamedMapping } from './manifest/manifest.ts'

/** An instance of a mapping, and what its running handler can reach. */
export type MappingMachine = {
  readonly instance: MappingInstance
  context: HostContext | undefined
}

/** Gives the machine of a mapping, which is opened when it is first used. */
export type MappingMachines = (template: NamedMapping) => MappingMachine

/** One machine per mapping, for handlers that run one after the other. */
export function openMappingMachines(): MappingMachines {
  const machines = new Map<MappingModule, MappingMachine>()
  return (template) => {
    const known = machines.get(template.mapping)
    if (known !== undefined) return known
    const machine = openMachine(template)
    machines.set(template.mapping, machine)
    return machine
  }
}

function openMachine({ mapping, api }: NamedMapping): MappingMachine {
  // The start functions of the mapping run, and may call the host, before there is a machine.
  const opening: { instance?: MappingInstance; machine?: MappingMachine } = {}
  const functions = hostFunctions({
    api,
    heap: () => {
      if (opening.instance !== undefined) return opening.instance.heap
      throw new NonDeterministicError('expected an open instance, found none')
    },
    context: () => {
      const context = opening.machine?.context
      if (context !== undefined) return context
      throw new NonDeterministicError('expected a running handler, found none')
    },
  })
  const instance = new MappingInstance(mapping, (name) => {
    const call = functions.get(name)
    if (call !== undefined) return call
    throw new NonDeterministicError(`expected a host function, found ${name}`)
  })
  opening.instance = instance
  instance.open()
  const machine: MappingMachine = { instance, context: undefined }
  opening.machine = machine
  return machine
}
