/** GitHub's own GraphQL schema, out of @octokit/graphql-schema. */
import { schema as published } from '@octokit/graphql-schema'
import { buildSchema, graphqlSync } from 'graphql'

/** Made when it is needed first: that takes a while. */
let schema = null

/**
 * What is wrong with an exchange of `POST /graphql`. A query that was done is held to the schema with its variables, and
 * so is what was answered: the schema's own executor is given it as the data.
 */
export function faultsOfGraphql({ status, requestBody, responseBody }) {
  const answer = JSON.parse(responseBody)
  if (status !== 200) return typeof answer.message === 'string' ? [] : [`answer ${status}: no message`]
  if (answer.errors !== undefined) return faultsOfErrors(answer.errors)
  schema ??= buildSchema(published.idl, { assumeValidSDL: true })
  const { query, variables } = JSON.parse(requestBody)
  const { data, errors } = graphqlSync({ schema, source: query, variableValues: variables, rootValue: answer.data })
  if (errors !== undefined) return errors.map(({ message }) => `graphql: ${message}`)
  return JSON.stringify(data) === JSON.stringify(answer.data) ? [] : ['answer: what was not asked for']
}

/** GitHub: "Troubleshooting the GraphQL API"; the specification of GraphQL, "Errors". */
function faultsOfErrors(errors) {
  if (!Array.isArray(errors) || errors.length === 0) return ['answer: errors is an empty list or none']
  return errors.flatMap((error) => (typeof error?.message === 'string' ? [] : ['answer: an error without a message']))
}
