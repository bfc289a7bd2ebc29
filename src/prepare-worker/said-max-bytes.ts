/** Without much manifests there may be much of a log. */
const LEAST_BYTES = 64 * 1024 * 1024
/** Manifests come as JSON, in which a text may be some times as long, beside what is told of them. */
const PER_OUTPUT = 4

/**
 * How much one prepare may say: its manifests, notices and log, in bytes. More than the largest of public projects needs
 * by far, and never too little for what kustomize may print.
 * @param maxOutputBytes of one kustomize build
 */
export const saidMaxBytes = (maxOutputBytes: number): number => Math.max(LEAST_BYTES, PER_OUTPUT * maxOutputBytes)
