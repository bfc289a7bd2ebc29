import { accountView, nodeIdOf } from './account-view.ts'
import type { Addresses } from './addresses.ts'
import { type JsonObject, timestamp } from './json.ts'
import type { Installation, State } from './state.ts'
import { SUBSCRIBED } from './subscribed.ts'

/** GitHub: REST, "Get an installation for the authenticated app". */
export const installationView = (installation: Installation, state: State, addresses: Addresses): JsonObject => ({
  id: installation.id,
  account: accountView(installation.account, addresses),
  repository_selection: 'selected',
  access_tokens_url: `${addresses.api}/app/installations/${installation.id}/access_tokens`,
  repositories_url: `${addresses.api}/installation/repositories`,
  html_url: `${addresses.site}/organizations/${installation.account.login}/settings/installations/${installation.id}`,
  app_id: state.app.id,
  app_slug: state.app.slug,
  target_id: installation.account.id,
  target_type: installation.account.type,
  permissions: installation.permissions,
  events: SUBSCRIBED,
  created_at: timestamp(installation.createdAtMs),
  updated_at: timestamp(installation.updatedAtMs),
  single_file_name: null,
  has_multiple_single_files: false,
  single_file_paths: [],
  suspended_by: installation.suspendedAtMs === null ? null : accountView(installation.account, addresses),
  suspended_at: installation.suspendedAtMs === null ? null : timestamp(installation.suspendedAtMs),
})

/** GitHub: REST, "Get the authenticated app". */
export const appView = (state: State, addresses: Addresses): JsonObject => ({
  id: state.app.id,
  client_id: clientIdOf(state),
  slug: state.app.slug,
  node_id: nodeIdOf('App', state.app.id),
  owner: accountView(state.account('app-owner'), addresses),
  name: state.app.slug,
  description: null,
  external_url: 'https://westage.example',
  html_url: `${addresses.site}/apps/${state.app.slug}`,
  created_at: timestamp(0),
  updated_at: timestamp(0),
  permissions: state.app.permissions,
  events: SUBSCRIBED,
})

/** An App that is not ours, such as the one that runs workflows. */
export const foreignAppView = (id: number, state: State, addresses: Addresses): JsonObject => ({
  ...appView(state, addresses),
  id,
  slug: `app-${id}`,
  name: `app-${id}`,
  client_id: `Iv1.${id}`,
  node_id: nodeIdOf('App', id),
  html_url: `${addresses.site}/apps/app-${id}`,
})

export const clientIdOf = (state: State): string => `Iv23li${String(state.app.id).padStart(14, '0')}`
