import Datasets
import EngineProtocol

extension RunDescription.Pixels {
  /// The way in which a data set was read.
  init(_ reading: PixelReading) {
    self.init(channels: reading.channels, largestValue: reading.largestValue, background: reading.background)
  }
}
