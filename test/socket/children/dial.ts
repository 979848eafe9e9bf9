import { startParent } from './parent.ts'

startParent({ url: process.env['URL'] }, (fact, hangUp) => {
  console.log(JSON.stringify(fact))
  // `process.exit` would hide what is left open: the process must end because nothing is.
  hangUp()
})
