import { AdaptiveIndex } from '../src/adaptive-index.ts'
import { runNeighborIndexSuite } from './neighbor-index.conformance.ts'

runNeighborIndexSuite((weights) => new AdaptiveIndex(weights))
