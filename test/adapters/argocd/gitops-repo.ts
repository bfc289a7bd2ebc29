import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export interface GitOpsRepo {
  readonly url: string
  /** Commits one preview of app `shop`: file below `manifests/` -> text; null removes the folder. @returns the commit */
  commit(pull: number, manifests: Readonly<Record<string, string>> | null): string
  remove(): void
}

/** A GitOps repo in a temporary folder, with one commit and no preview. */
export function gitOpsRepo(): GitOpsRepo {
  const directory = mkdtempSync(path.join(tmpdir(), 'westage-gitops-'))
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'WeStage',
    GIT_AUTHOR_EMAIL: 'westage@localhost',
    GIT_COMMITTER_NAME: 'WeStage',
    GIT_COMMITTER_EMAIL: 'westage@localhost',
  }
  const git = (...args: string[]) => execFileSync('git', args, { cwd: directory, env, encoding: 'utf8' }).trim()
  git('init', '--quiet', '--initial-branch=main')
  git('commit', '--quiet', '--allow-empty', '--message=Start')
  return {
    url: `file://${directory}`,
    commit(pull, manifests) {
      const folder = path.join(directory, `previews/shop/pr-${pull}`)
      rmSync(folder, { recursive: true, force: true })
      if (manifests !== null) {
        mkdirSync(path.join(folder, 'manifests'), { recursive: true })
        writeFileSync(path.join(folder, 'preview.yaml'), previewYaml(pull))
        for (const [file, text] of Object.entries(manifests)) writeFileSync(path.join(folder, 'manifests', file), text)
      }
      git('add', '--all')
      git('commit', '--quiet', `--message=shop pr-${pull}`)
      return git('rev-parse', 'HEAD')
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

const previewYaml = (pull: number): string => `app: shop
slug: feature-${pull}
namespace: westage-shop-feature-${pull}
pull:
  number: ${pull}
  url: https://github.test/acme/shop/pull/${pull}
  branch: feature-${pull}
  author: octocat
sha: '1111111111111111111111111111111111111111'
url: http://feature-${pull}-shop.example.test
page: http://westage.test/previews/shop/${pull}
destination:
  name: in-cluster
  server: ''
`

/** A Deployment with this image, whose one variable tells what was applied. */
export const deployment = (image: string, sha = '1'): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: ${image}
          env:
            - { name: WESTAGE_APP, value: shop }
            - { name: WESTAGE_NAMESPACE, value: westage-shop-feature }
            - { name: WESTAGE_SHA, value: "${sha}" }
`

export const ingress = (host: string): string => `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:
    - host: ${host}
`

export const configMap = (data: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: greeting
data:
  text: ${data}
`
