extension Frame {
  /// Puts the selection's background behind `rect`, with bold text where the list has the focus.
  mutating func highlight(_ rect: Rect, theme: Theme, isFocused: Bool) {
    let selection = theme.style(.text, on: .selection)
    restyle(rect) { style in
      style.background = selection.background
      style.attributes.formUnion(selection.attributes)
      if isFocused { style.attributes.insert(.bold) }
    }
  }
}
