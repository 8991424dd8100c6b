/** Why the HTTP host cannot listen, and which option changes it. */
export const listenProblem = (error: NodeJS.ErrnoException, host: string, port: number): string => {
  switch (error.code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is in use. Choose another with the option http.port; 0 takes any free one.`
    case "EACCES":
      return `Port ${port} may not be opened by this user. Choose one from 1024 on with the option http.port.`
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is no address of this machine. Choose one with the option http.host, for example 127.0.0.1.`
    default:
      return `Cannot listen on ${host}:${port} (${error.code ?? error.message}). See the options http.host and http.port.`
  }
}
