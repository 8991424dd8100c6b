import type { Project } from "ts-morph"

/** Files that are read as code: their identifiers are renamed by symbol. */
export const isCode = (path: string): boolean => /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path)

/**
 * A ts-morph project over texts: nothing is read from the disk, no library is loaded. ts-morph takes about 0.25 s to
 * load, so it is loaded here and nowhere else, and only when a plan is made.
 */
export const open = async (
  files: ReadonlyArray<{ readonly path: string; readonly text: string }>
): Promise<Project> => {
  const { Project, ts } = await import("ts-morph")
  const project = new Project({
    useInMemoryFileSystem: true,
    skipLoadingLibFiles: true,
    skipFileDependencyResolution: true,
    compilerOptions: {
      allowJs: true,
      noLib: true,
      allowImportingTsExtensions: true,
      noEmit: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ESNext,
      types: []
    }
  })
  for (const { path, text } of files) project.createSourceFile(`/${path}`, text)
  return project
}
