export { exactSynergies } from './exact'
export { philox } from './philox'
export { sampleSynergies } from './sample'

/** Where the host may lay out its arrays: behind the module's own. */
export function firstAddress(): usize {
  return __heap_base
}
