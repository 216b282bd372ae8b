#!/usr/bin/env node
console.log("emulsion bin", process.argv.slice(2))
