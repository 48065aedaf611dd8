/// The program's version, as engines and clients tell it to each other.
package enum ProgramVersion {
  /// This program's; the newest section of CHANGELOG.md has it too.
  package static let current = "0.2.0"
}
