import { LinearScan } from '../src/linear-scan.ts'
import { runNeighborIndexSuite } from './neighbor-index.conformance.ts'

runNeighborIndexSuite((weights) => new LinearScan(weights))
