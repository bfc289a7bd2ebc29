/** The part of GitHub's GraphQL schema that the double answers: GitHub, GraphQL reference, "createCommitOnBranch". */
import { buildSchema } from 'graphql'

export const SCHEMA = buildSchema(`
  scalar Base64String
  scalar GitObjectID
  scalar GitTimestamp

  type Query {
    rateLimit: RateLimit
  }

  type RateLimit {
    cost: Int!
    limit: Int!
    remaining: Int!
    used: Int!
  }

  type Mutation {
    createCommitOnBranch(input: CreateCommitOnBranchInput!): CreateCommitOnBranchPayload
  }

  input CreateCommitOnBranchInput {
    branch: CommittableBranch!
    clientMutationId: String
    expectedHeadOid: GitObjectID!
    fileChanges: FileChanges
    message: CommitMessage!
  }

  input CommittableBranch {
    branchName: String
    id: ID
    repositoryNameWithOwner: String
  }

  input CommitMessage {
    body: String
    headline: String!
  }

  input FileChanges {
    additions: [FileAddition!] = []
    deletions: [FileDeletion!] = []
  }

  input FileAddition {
    contents: Base64String!
    path: String!
  }

  input FileDeletion {
    path: String!
  }

  type CreateCommitOnBranchPayload {
    clientMutationId: String
    commit: Commit
  }

  type Commit {
    author: GitActor
    committer: GitActor
    message: String!
    oid: GitObjectID!
    tree: Tree!
    file(path: String!): TreeEntry
  }

  type GitActor {
    date: GitTimestamp
    email: String
    name: String
  }

  type Tree {
    oid: GitObjectID!
  }

  type TreeEntry {
    mode: Int!
    oid: GitObjectID!
  }
`)
