import { printPreview } from '../../src/manifests/preview-file.ts'
import { previewOf } from '../manifests/preview-sample.ts'

/** A preview.yaml as WeStage writes it. */
export const PREVIEW_YAML = printPreview(previewOf())
