export { applySlabs, begin, iterate, pullSlab } from './rank'
export { flow } from './flow'
export { largestSource } from './check'
