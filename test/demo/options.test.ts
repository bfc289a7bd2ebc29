import { describe, expect, it } from 'vitest'
import { optionsIn } from './options.ts'

describe('the command line of the demo', () => {
  it('needs no option', () => {
    expect(optionsIn([])).toEqual({ isOnce: false, port: 0, isCluster: false, kubeconfig: null })
  })

  it('takes those that it has', () => {
    expect(optionsIn(['--once', '--port', '8123', '--kubeconfig', 'file'])).toEqual({
      isOnce: true,
      port: 8123,
      isCluster: false,
      kubeconfig: 'file',
    })
  })

  it('says which one it does not know, which is no port, and what there are', () => {
    expect(optionsIn(['--twice'])).toMatch(/Unknown option '--twice'[\s\S]*--once/)
    expect(optionsIn(['--port', 'x'])).toContain('--port x is no port')
    expect(optionsIn(['--port', ''])).toContain('is no port')
    expect(optionsIn(['--cluster', '--kubeconfig', 'file'])).toContain('not both')
    expect(optionsIn(['--help'])).toMatch(/^npm run demo/)
  })
})
