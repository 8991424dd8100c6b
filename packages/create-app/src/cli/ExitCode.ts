import type { EditRefused } from "../edit/EditRefused.ts"
import type { PackageJsonInvalid } from "../edit/packageJsonFile.ts"
import type * as AppErrors from "../evolve/App.ts"
import type { CheckFailed } from "../evolve/CheckFailed.ts"
import type * as ChooseErrors from "../evolve/choose.ts"
import type { PartConflict } from "../evolve/parts.ts"
import type { PluginAbsent } from "../evolve/remove.ts"
import type * as ServiceErrors from "../evolve/services.ts"
import type * as CheckErrors from "../pipeline/check.ts"
import type * as AnswerErrors from "../pipeline/configure.ts"
import type * as ResolveErrors from "../pipeline/resolve.ts"
import type * as VerifyErrors from "../pipeline/verify.ts"
import type { PluginManifestInvalid } from "../plugin/PluginManifest.ts"
import type { PackageUnavailable } from "../plugin/Staging.ts"
import type * as DirectoryErrors from "../project/Directory.ts"
import type * as InstallErrors from "../project/Install.ts"
import type * as NameErrors from "../project/PackageName.ts"
import type * as TemplateErrors from "../template/Templates.ts"
import type * as ApplyErrors from "../workspace/Apply.ts"
import type * as CommitErrors from "../workspace/Commit.ts"
import type { RecoveryConflict } from "../workspace/recover.ts"
import type * as WorkspaceErrors from "../workspace/Workspace.ts"

/** Every error that a command can end with. */
export type CommandError =
  | AppErrors.AppNotFound
  | AppErrors.AppUnreadable
  | AppErrors.LockInvalid
  | CheckFailed
  | ChooseErrors.PluginAmbiguous
  | ChooseErrors.PluginUnknown
  | CommitErrors.CommitFailed
  | CommitErrors.WorkspaceBusy
  | EditRefused
  | PackageJsonInvalid
  | PackageUnavailable
  | PartConflict
  | PluginAbsent
  | PluginManifestInvalid
  | RecoveryConflict
  | ServiceErrors.PluginNeeded
  | ServiceErrors.ServiceMissing
  | ServiceErrors.ServiceTaken
  | AnswerErrors.AnswerInvalid
  | CheckErrors.FlagUnknown
  | ResolveErrors.DirectoryNameInvalid
  | ResolveErrors.TemplateNotFound
  | ResolveErrors.ValueMissing
  | VerifyErrors.PlanInvalid
  | DirectoryErrors.DirectoryNotEmpty
  | DirectoryErrors.DirectoryNotWritable
  | DirectoryErrors.PathIsNoDirectory
  | InstallErrors.InstallFailed
  | NameErrors.PackageNameInvalid
  | TemplateErrors.TemplateInvalid
  | ApplyErrors.ApplyFailed
  | ApplyErrors.PlanStale
  | WorkspaceErrors.PathOutside
  | WorkspaceErrors.PlaceNotFound

/** The exit codes of the command, which scripts may rely on. */
export const exitCodes = {
  done: 0,
  /** Something failed; what was made has been removed again. */
  failed: 1,
  /** The command line is wrong or says too little. */
  usage: 2,
  /** The place was refused; nothing was written. */
  refused: 3,
  /** The app stands, a later step failed. */
  incomplete: 4,
  /** Ended by the user: 128 + SIGINT. */
  cancelled: 130
} as const

const byTag: Readonly<Record<CommandError["_tag"], keyof typeof exitCodes>> = {
  AnswerInvalid: "usage",
  AppNotFound: "usage",
  AppUnreadable: "refused",
  CheckFailed: "refused",
  CommitFailed: "failed",
  EditRefused: "refused",
  LockInvalid: "refused",
  PackageJsonInvalid: "refused",
  PackageUnavailable: "refused",
  PartConflict: "refused",
  PluginAbsent: "usage",
  PluginAmbiguous: "usage",
  PluginManifestInvalid: "refused",
  PluginNeeded: "refused",
  PluginUnknown: "usage",
  RecoveryConflict: "refused",
  ServiceMissing: "refused",
  ServiceTaken: "refused",
  WorkspaceBusy: "refused",
  ApplyFailed: "failed",
  DirectoryNameInvalid: "usage",
  DirectoryNotEmpty: "refused",
  DirectoryNotWritable: "refused",
  FlagUnknown: "usage",
  InstallFailed: "incomplete",
  PackageNameInvalid: "usage",
  PathIsNoDirectory: "refused",
  PathOutside: "failed",
  PlaceNotFound: "failed",
  PlanInvalid: "failed",
  PlanStale: "refused",
  TemplateInvalid: "failed",
  TemplateNotFound: "usage",
  ValueMissing: "usage"
}

/** The exit code of an error. */
export const exitCodeOf = (error: CommandError): number => exitCodes[byTag[error._tag]]
