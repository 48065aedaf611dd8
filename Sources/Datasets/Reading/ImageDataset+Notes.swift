extension ImageDataset {
  /// What is strange about the images, a sentence each: those of a single value, and a range far below 255.
  var notes: [String] {
    guard count > 0 else { return [] }
    var notes: [String] = []
    let (constant, largest) = withPixels { bytes in
      let constant = (0..<count).count { image in
        let values = bytes[image * featureCount..<(image + 1) * featureCount]
        return values.allSatisfy { $0 == values[values.startIndex] }
      }
      return (constant, bytes.max() ?? 0)
    }
    if constant > 0 {
      notes.append("\(constant) of \(count) training images are of a single value: nothing can be seen on them")
    }
    if largest <= 64, constant < count {
      notes.append("the largest pixel of the training images is \(largest), not 255: the values are taken as they are")
    }
    return notes
  }

  private func withPixels<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
    pixels.withContiguousStorageIfAvailable(body) ?? [UInt8](pixels).withUnsafeBufferPointer(body)
  }
}
