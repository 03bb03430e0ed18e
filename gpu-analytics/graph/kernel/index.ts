export { packPairs, packWeightedRows, sortPairs, sortWeightedRows } from './sort'
export { mergePairs, mergeWeightedRows, takeFailedSource } from './merge'
export {
  addPairs,
  addWeighted,
  clearNodes,
  finishNodes,
  markChanged,
  normalise,
  readNodes,
} from './weights'
