import { LAP_MODES } from '@foggara/gpu-analytics'
