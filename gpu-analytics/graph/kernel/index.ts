export { packPairs, packWeightedRows, sortPairs, sortWeightedRows } from './sort'
export { mergePairs, mergeWeightedRows, takeFailedSource } from './merge'
export {
  clearNodes,
  finishNodes,
  growNodes,
  lastTouched,
  normalise,
  readNodes,
  writeNodes,
} from './weights'
