/** Builds the programs of a cluster with Argo CD, which whoever needs them first would build while others wait for it. */
import { findArgoCd } from './argocd-programs.ts'
import { NEWEST_ARGOCD } from './argocd-releases.ts'
import { findPrograms } from './programs.ts'

const never = new AbortController().signal
const programs = await findPrograms(console.log, never)
await findArgoCd(NEWEST_ARGOCD, programs, console.log, never)
