/// Something about the run itself that a person should know: the disk is full, a checkpoint was damaged, the run goes on.
package struct HealthReport: Hashable, Codable, Sendable {
  /// How much it matters.
  package enum Severity: String, Hashable, Codable, Sendable {
    /// The course of things.
    case information
    /// Something does not work, and training goes on.
    case warning
    /// Something was lost.
    case error
  }

  /// How much it matters.
  package var severity: Severity
  /// What happened, where, and what becomes of it.
  package var message: String
  /// When, in seconds since 1970.
  package var time: Double

  /// A report.
  package init(_ severity: Severity, _ message: String, time: Double) {
    self.severity = severity
    self.message = message
    self.time = time
  }
}
