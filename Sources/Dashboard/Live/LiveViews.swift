/// The screens of a training.
package enum LiveViews {
  /// Every screen, in tab order. The first one is shown initially.
  package static let all: [any LiveView.Type] = [
    LanesView.self,
    CompareView.self,
    FlipsView.self,
    JournalView.self,
    DeployView.self,
    PredictionsView.self,
    NetworkView.self,
    WeightsView.self,
    MachineView.self,
  ]

  /// The actions that show the screens.
  static var tabs: [ActionDefinition] {
    all.map { view in
      let tab = view.tab
      return ActionDefinition(
        tab.action, title: tab.title, keys: [tab.key], in: .live, under: .screens, help: tab.help,
        do: { dashboard, _ in dashboard.show(tab.action) })
    }
  }

  /// The screens' own actions.
  static var actions: [ActionDefinition] {
    all.flatMap { view in
      view.actions.map { action in
        var action = action
        action.view = view.tab.action
        return action
      }
    }
  }
}
