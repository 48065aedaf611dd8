import Yams

extension LanePlan {
  /// The keys that `LaneReader.readQuantizers` reads, with their values; words only.
  var quantizerKeys: [(String, Node)] {
    var keys: [(String, Node)] = []
    if canScaleWeights {
      keys.append(("weightScale", Node((scalesWeights ? WeightScale.mean : .none).rawValue)))
    }
    return keys
  }
}
