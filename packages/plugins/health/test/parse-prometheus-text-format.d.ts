declare module "parse-prometheus-text-format" {
  const parse: (page: string) => ReadonlyArray<never>
  export default parse
}
