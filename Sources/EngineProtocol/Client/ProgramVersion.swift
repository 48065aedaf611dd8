/// The program's version, as engines and clients tell it to each other.
package enum ProgramVersion {
  /// This program's.
  package static let current = "0.1.0"
}
