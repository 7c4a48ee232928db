/** A worker as workerpool wants it. */
import workerpool from 'workerpool'

import { loadFunction } from './function.ts'

workerpool.worker({ run: await loadFunction() })
