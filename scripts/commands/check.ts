console.log("probe", process.version, process.argv.slice(2))
