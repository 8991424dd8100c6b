/** Fields whose order in an app's package.json is fixed; the rest follows as the template has it. */
const first = ["name", "version", "private", "description", "type", "engines", "scripts"]
/** What ties a template to the workspace: the manifest's type. */
const ownTool = "create-mortise"

/**
 * The app's package.json: the app's name, version 0.0.0, without what belongs to the template as a package. The ranges
 * have been resolved when the template was loaded.
 */
export const rewritePackageJson = (source: string, name: string): string => {
  const template = JSON.parse(source) as Record<string, unknown>
  const { license: _license, publishConfig: _publish, files: _files, repository: _repository, ...kept } = template
  const app: Record<string, unknown> = { ...kept, name, version: "0.0.0", private: true }
  for (const section of ["dependencies", "devDependencies"]) {
    const ranges = app[section] as Record<string, string> | undefined
    if (ranges === undefined) continue
    const { [ownTool]: _tool, ...others } = ranges
    if (Object.keys(others).length === 0) delete app[section]
    else app[section] = Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  const keys = [...first.filter((key) => key in app), ...Object.keys(app).filter((key) => !first.includes(key))]
  return `${JSON.stringify(Object.fromEntries(keys.map((key) => [key, app[key]])), null, 2)}\n`
}
