import { Command } from 'commander'
import { clusterRolesOf } from '../config/cluster-roles.ts'
import { wordsOfRight } from '../domain/right.ts'
import { readConfigFile } from './config-file.ts'

export const check = new Command('check')
  .description('Read the settings, and ask each cluster whether WeStage may do there what it needs')
  .requiredOption('--config <file>', 'the instance’s westage.yaml')
  .action(async ({ config: file }: { config: string }) => {
    const { config } = await readConfigFile(file)
    // Kubernetes' client takes a moment to load: a faulty configuration needs none of it.
    const { standingOf } = await import('../adapters/kubernetes/lacking-rights.ts')
    const signal = new AbortController().signal
    for (const role of clusterRolesOf(config)) {
      const standing = await standingOf(role, signal)
      if (standing.kind === 'granted') console.log(`${role.name}: may ${role.rights.map(wordsOfRight).join(', ')}`)
      else {
        process.exitCode = 1
        const lines = standing.kind === 'lacking' ? standing.lines : [`${role.name}: does not answer: ${standing.why}`]
        for (const line of lines) console.error(line)
      }
    }
  })
