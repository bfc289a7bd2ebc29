/** What owners do to repos and to the App's installation, and the webhooks that follow from it. */
import { fullNameOf, type Repository } from './repository.ts'
import type { Installation, Level } from './state.ts'
import type { Payloads } from './webhook-payloads.ts'
import type { World } from './world.ts'

export function installationsOf({ state, webhooks }: World, payloads: Payloads) {
  const repositoryNamed = (name: string): Repository => {
    const repository = state.repositoryNamed(name)
    if (repository === null) throw new Error(`no repo ${name}`)
    return repository
  }

  const installationAt = (owner: string): Installation => {
    for (const installation of state.installations.values())
      if (installation.account.login.toLowerCase() === owner.toLowerCase()) return installation
    throw new Error(`the App is not installed at ${owner}`)
  }

  const takeOut = (repository: Repository) => {
    const installation = state.installationOf(repository)
    if (installation === null) return
    installation.repositoryIds.delete(repository.id)
    webhooks.emit('installation_repositories', payloads.installationRepositories('removed', installation, repository))
  }

  const install = (repository: Repository) => {
    for (const installation of state.installations.values()) {
      if (installation.account !== repository.owner) continue
      installation.repositoryIds.add(repository.id)
      webhooks.emit('installation_repositories', payloads.installationRepositories('added', installation, repository))
      return
    }
    const atMs = state.now()
    const installation: Installation = {
      id: state.nextId(),
      account: repository.owner,
      repositoryIds: new Set([repository.id]),
      permissions: state.app.permissions,
      suspendedAtMs: null,
      createdAtMs: atMs,
      updatedAtMs: atMs,
    }
    state.installations.set(installation.id, installation)
    webhooks.emit('installation', payloads.installation('created', installation))
  }

  const setSuspended = (owner: string, atMs: number | null) => {
    const installation = installationAt(owner)
    installation.suspendedAtMs = atMs
    installation.updatedAtMs = state.now()
    webhooks.emit('installation', payloads.installation(atMs === null ? 'unsuspend' : 'suspend', installation))
  }

  return {
    /** Installs the App on a repo. */
    install,

    renameRepository(name: string, to: string): void {
      const repository = repositoryNamed(name)
      repository.name = to.slice(to.indexOf('/') + 1)
      state.names.set(fullNameOf(repository).toLowerCase(), repository.id)
    },

    /** To another owner; the App is taken off, and installed there where `isInstalled`. */
    transferRepository(name: string, owner: string, { isInstalled }: { isInstalled: boolean }): void {
      const repository = repositoryNamed(name)
      takeOut(repository)
      repository.owner = state.account(owner, 'Organization')
      state.names.set(fullNameOf(repository).toLowerCase(), repository.id)
      if (isInstalled) install(repository)
    },

    deleteRepository(name: string): void {
      const repository = repositoryNamed(name)
      takeOut(repository)
      repository.isDeleted = true
    },

    /** Takes one repo out of the installation. */
    removeFromInstallation(name: string): void {
      takeOut(repositoryNamed(name))
    },

    addToInstallation(name: string): void {
      install(repositoryNamed(name))
    },

    uninstall(owner: string): void {
      const installation = installationAt(owner)
      state.installations.delete(installation.id)
      webhooks.emit('installation', payloads.installation('deleted', installation))
    },

    suspend(owner: string): void {
      setSuspended(owner, state.now())
    },

    unsuspend(owner: string): void {
      setSuspended(owner, null)
    },

    /** What the owner grants from now on; null takes a permission away. */
    setPermissions(owner: string, changes: Readonly<Record<string, Level | null>>): void {
      const installation = installationAt(owner)
      const permissions = { ...installation.permissions, ...changes }
      installation.permissions = Object.fromEntries(
        Object.entries(permissions).flatMap(([name, level]) => (level === null ? [] : [[name, level] as const])),
      )
      installation.updatedAtMs = state.now()
    },
  }
}
