/// The headings under which the help lists the actions.
package enum ActionGroup: String, CaseIterable, Sendable {
  case training = "Training"
  case values = "Hyperparameters"
  case screens = "Screens and panels"
  case charts = "Charts"
  case launcher = "Launcher"
  case program = "Program"
}
