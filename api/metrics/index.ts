export {
  EXPOSITION_TYPE,
  type MetricFamily,
  type MetricSource,
  expositionText,
} from './exposition.ts'
export { createHistogram, type HistogramReading, SECONDS_BOUNDS } from './histogram.ts'
