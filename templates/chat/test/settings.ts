/** Configuration of the app under test, beside free ports: what the plugins of this app need. */
export const settings = {}
