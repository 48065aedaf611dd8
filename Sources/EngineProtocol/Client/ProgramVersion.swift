/// The program's version, which engines and clients exchange when they connect.
package enum ProgramVersion {
  /// The version of this program. It must equal the newest version in CHANGELOG.md.
  package static let current = "0.2.0"
}
