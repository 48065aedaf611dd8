package import RunStore

/// One self-contained HTML page about a run.
package struct ReportPage: Sendable {
  /// The run.
  package let history: RunHistory

  /// A page about a run.
  package init(_ history: RunHistory) { self.history = history }
}
