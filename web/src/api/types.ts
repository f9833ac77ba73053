// The names that the rest of the UI uses for the API's shapes.

import type { components } from './schema';

type Schemas = components['schemas'];

export type Kind = Schemas['Kind'];
export type State = Schemas['State'];
export type Verdict = Schemas['Verdict'];
export type Severity = Schemas['Severity'];
export type Finding = Schemas['Finding'];
export type ModuleSummary = Schemas['ModuleSummary'];
export type ModuleView = Schemas['ModuleView'];
export type ModuleMove = Schemas['ModuleMove'];
export type Facets = Schemas['Facets'];
export type FacetCount = Schemas['FacetCount'];
export type Dependent = Schemas['Dependent'];
export type Cadence = Schemas['Cadence'];
export type Holder = Schemas['Holder'];
export type RollbackView = Schemas['RollbackView'];
export type Comparison = Schemas['Comparison'];
export type Appraisal = Schemas['Appraisal'];
export type Bump = Schemas['Bump'];
export type Change = Schemas['Change'];
export type AttachPointChange = Schemas['AttachPointChange'];
export type PortChange = Schemas['PortChange'];
export type FileChange = Schemas['FileChange'];
export type FindingsChange = Schemas['FindingsChange'];
export type ValueChange = Schemas['ValueChange'];
export type CheckPair = Schemas['CheckPair'];
export type Check = Schemas['Check'];
export type RunFigures = Schemas['RunFigures'];
export type Evaluation = Schemas['Evaluation'];
export type ReleaseSummary = Schemas['ReleaseSummary'];
export type ReleaseView = Schemas['ReleaseView'];
export type DraftView = Schemas['DraftView'];
export type Requirement = Schemas['Requirement'];
export type Provenance = Schemas['Provenance'];
export type ChannelView = Schemas['ChannelView'];
export type PairView = Schemas['PairView'];
export type Facts = Schemas['Facts'];
export type FileEntry = Schemas['FileEntry'];
export type Interface = Schemas['Interface'];
export type Port = Schemas['Port'];
export type AttachPoint = Schemas['AttachPoint'];
export type Manifest = Schemas['Manifest'];
export type SmokeRun = Schemas['SmokeRunView'];
export type Report = Schemas['Report'];
export type Update = Schemas['Update'];
export type CheckStatus = Schemas['CheckStatus'];
export type Graph = Schemas['Graph'];
export type Node = Schemas['Node'];
export type Action = Schemas['Action'];
export type Identity = Schemas['Identity'];
export type TokenView = Schemas['TokenView'];
export type Scope = Schemas['Scope'];
export type Overview = Schemas['Overview'];
export type ReleaseBrief = Schemas['ReleaseBrief'];
export type BrokenPair = Schemas['BrokenPair'];
export type Health = Schemas['Health'];
export type Stage = Schemas['Stage'];
export type EventView = Schemas['EventView'];
export type AuditEntry = Schemas['AuditEntry'];
export type GraphNode = Schemas['GraphNode'];
export type Edge = Schemas['Edge'];
export type Grid = Schemas['Grid'];
export type GridRow = Schemas['GridRow'];
export type GridColumn = Schemas['GridColumn'];

export const KINDS = [
  'backbone',
  'adapter',
  'head',
  'decoder',
  'bridge',
  'router',
] as const satisfies readonly Kind[];
