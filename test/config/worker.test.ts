import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { readConfig } from '../../src/config/read-config.ts'

const ENV = {
  WESTAGE_GITHUB_PRIVATE_KEY: '-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----',
  WESTAGE_WEBHOOK_SECRET: 'hush',
}

function faultsOf(more: string): readonly string[] {
  const least =
    'publicUrl: https://westage.test\ngithub: { appId: 7 }\ngitops: { url: "https://git.test/previews.git" }\n'
  try {
    readConfig(`${least}${more}`, ENV)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const jobs = (more: string) =>
  `worker: { run: kubernetes, kubernetes: { image: "ghcr.test/westage:1", server: "http://westage.westage:8081"${more} } }`

describe('a worker that is a Job', () => {
  it('needs an image, and the address that pods reach WeStage by', () => {
    expect(faultsOf(jobs(''))).toEqual([])
    expect(faultsOf('worker: { run: kubernetes, kubernetes: {} }')).toEqual([
      'westage.yaml:4: worker.kubernetes.image: is missing',
      'westage.yaml:4: worker.kubernetes.server: is missing',
    ])
    expect(faultsOf('worker: { run: kubernetes }')).toEqual([
      'westage.yaml:4: worker.kubernetes: is missing, and worker.run is kubernetes',
    ])
  })

  it('has a port of its own', () => {
    expect(faultsOf(jobs(', listen: { port: 8080 }'))).toEqual([
      'westage.yaml:4: worker.kubernetes.listen.port: is that of listen.port: workers must not reach the rest of WeStage',
    ])
  })

  it('is given no address with credentials in it', () => {
    expect(faultsOf(jobs('').replace('http://', 'http://user:password@'))).toEqual([
      'westage.yaml:4: worker.kubernetes.server: has credentials in it',
    ])
  })

  it('puts up with taints, as a pod writes them', () => {
    expect(faultsOf(jobs(', tolerations: [{ key: builds, operator: Exists, effect: NoSchedule }]'))).toEqual([])
    expect(faultsOf(jobs(', tolerations: [{ effect: Never }]'))).toHaveLength(1)
  })
})
