/// Sees what enters each layer of a network during a forward pass, without changing it.
package protocol ForwardObserver: AnyObject {
  /// Called before a layer's forward pass, which may overwrite the input.
  func willRun(_ layer: any Layer, _ input: Activations)
}
