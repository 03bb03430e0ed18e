export { packPairs, packWeightedRows, sortPairs, sortWeightedRows } from './sort'
export { mergePairs, mergeWeightedRows, takeFailedSource } from './merge'
export { weavePairs, weaveWeighted } from './weave'
export {
  clearNodes,
  finishNodes,
  growNodes,
  lastTouched,
  normalise,
  readNodes,
  writeNodes,
} from './weights'
