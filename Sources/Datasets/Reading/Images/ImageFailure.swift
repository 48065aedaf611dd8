/// Why an image could not be decoded, in a clause.
struct ImageFailure: Error {
  let reason: String
}
