/// A pointer that parts of one pass share, each working in a range of its own.
struct UncheckedPointer<Element>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>
  init(_ base: UnsafeMutablePointer<Element>) { self.base = base }
}
