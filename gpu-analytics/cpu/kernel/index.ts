export {
  applyPersonalised,
  applyUniform,
  pullEqual,
  pullWeighted,
  sendEqual,
  sendWeighted,
} from './rank'
export { divideFlow, moveFlow, takeOverflowed } from './flow'
