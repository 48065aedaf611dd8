import Deployment
import Tensors

/// Damages the bytes of packed models in a reproducible order.
struct Mutator {
  private var draws: SplitMix

  init(seed: UInt64) { draws = SplitMix(state: seed) }

  private mutating func below(_ count: Int) -> Int { Int(draws.next() % UInt64(max(1, count))) }

  private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  // MARK: Damage

  /// Returns a damaged file whose digests are unchanged.
  mutating func damaged(_ file: [UInt8]) -> [UInt8] {
    var file = file
    let header = min(file.count, 8 + Int(file[0]) + Int(file[1]) << 8 + Int(file[2]) << 16)
    switch below(8) {
    case 0: file.removeLast(below(file.count))
    case 1: file += (0...below(200)).map { _ in UInt8(truncatingIfNeeded: draws.next()) }
    case 2:
      let (first, second, length) = (below(file.count), below(file.count), below(100))
      for place in 0..<length where max(first, second) + place < file.count {
        file.swapAt(first + place, second + place)
      }
    case 3:
      let first = below(file.count)
      for place in first..<min(file.count, first + below(100)) { file[place] = 0 }
    case 4: file[below(8)] = UInt8(truncatingIfNeeded: draws.next())
    case 5:
      let words = String(decoding: file[8..<header], as: UTF8.self)
      file.replaceSubrange(8..<header, with: Array(withOtherNumber(words).utf8))
    default: for _ in 0...below(3) { file[below(below(2) == 0 ? header : file.count)] ^= 1 << UInt8(below(8)) }
    }
    return file
  }

  // MARK: Forgery

  /// Returns a file with changed metadata and tensors and correct digests.
  mutating func forged(_ file: PackedFile) throws -> [UInt8] {
    var (words, tensors) = (file.metadata, file.tensors)
    for _ in 0...below(2) {
      switch below(10) {
      case 0:
        let place = below(tensors.count)
        tensors[place].tensor = withOtherNumbers(tensors[place].tensor)
      case 1:
        let place = below(tensors.count)
        tensors[place].tensor = FileTensor(tensors[place].tensor.values, shape: otherShape(tensors[place].tensor.shape))
      case 2:
        let (place, other) = (below(tensors.count), below(tensors.count))
        tensors[place].tensor = tensors[other].tensor
      case 3: if tensors.count > 1 { tensors.remove(at: below(tensors.count)) }
      case 4: words["graph"] = withOtherWord(words["graph"] ?? "")
      case 5: words["data"] = withOtherNumber(words["data"] ?? "")
      case 6: words["provenance"] = withOtherNumber(words["provenance"] ?? "")
      default: words["graph"] = withOtherNumber(words["graph"] ?? "")
      }
    }
    return try PackedFile(tensors, metadata: words).bytes()
  }

  private static let numbers = [
    "-1", "0", "1", "2", "3", "4", "5", "7", "31", "63", "64", "65", "127", "255", "256", "257", "1000", "4096",
    "65535",
    "65536", "65537", "1048576", "67108863", "67108864", "2147483647", "2147483648", "4294967296", "9007199254740993",
    "4611686018427387904", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e308", "-1e-320",
    "1e999", "0.5", "null", "[]", "[[[[1]]]]", "{}", "\"1\"", "true",
  ]

  // Replaces one number in the text.
  private mutating func withOtherNumber(_ text: String) -> String {
    let bytes = Array(text.utf8)
    let isNumeric = bytes.map { (48...57).contains($0) || $0 == 45 || $0 == 46 || $0 == 101 }
    let starts = bytes.indices.filter { place in
      place > 0 && isNumeric[place]
        && [UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "[")].contains(bytes[place - 1])
    }
    guard !starts.isEmpty else { return text }
    let start = pick(starts)
    let end = bytes[start...].indices.first { !isNumeric[$0] } ?? bytes.endIndex
    let former = Int(String(decoding: bytes[start..<end], as: UTF8.self))
    var number = pick(Self.numbers)
    if let former, below(2) == 0 { number = "\(pick([former &+ 1, former &- 1, former &* 2, former / 2]))" }
    return String(decoding: bytes[..<start] + Array(number.utf8) + bytes[end...], as: UTF8.self)
  }

  private static let words = [
    "pixels", "contrasts", "product", "real", "levels", "realLevels", "realSigns", "scale", "shift", "normalize",
    "relu",
    "clip", "rprelu", "sign", "threshold", "poolSigns", "maxPool", "averagePool", "reshape", "magnitude", "scalePixels",
    "add", "subsample", "bytes", "signs", "sums", "bits", "ternary", "integers", "float", "op", "",
  ]

  // Replaces one word in the text.
  private mutating func withOtherWord(_ text: String) -> String {
    var parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    guard parts.count > 2 else { return text }
    let place = below(parts.count / 2) * 2 + 1
    parts[place] = Substring(pick(Self.words))
    return parts.joined(separator: "\"")
  }

  private mutating func otherShape(_ shape: [Int]) -> [Int] {
    var shape = shape
    switch below(5) {
    case 0: shape.append(pick([0, 1, 2, -1]))
    case 1: shape.reverse()
    case 2: if !shape.isEmpty { shape.removeLast() }
    default:
      if !shape.isEmpty { shape[below(shape.count)] = pick([-1, 0, 1, 2, 64, 1 << 32, 1 << 62, .max, .min]) }
    }
    return shape
  }

  private mutating func withOtherNumbers(_ tensor: FileTensor) -> FileTensor {
    func changed<Number>(_ numbers: [Number], _ others: [Number]) -> [Number] {
      var numbers = numbers
      for _ in 0...below(3) where !numbers.isEmpty { numbers[below(numbers.count)] = pick(others) }
      return numbers
    }
    let values: FileTensor.Values =
      switch tensor.values {
      case .bytes(let numbers): .bytes(changed(numbers, [0, 1, 2, 254, 255]))
      case .int8(let numbers): .int8(changed(numbers, [.min, -1, 0, 1, .max]))
      case .int16(let numbers): .int16(changed(numbers, [.min, -1, 0, 1, .max]))
      case .int32(let numbers): .int32(changed(numbers, [.min, .min + 1, -1, 0, 1, .max - 1, .max]))
      case .words(let numbers): .words(changed(numbers, [0, 1, 1 << 63, .max, draws.next()]))
      case .float32(let numbers):
        .float32(changed(numbers, [.nan, .infinity, -.infinity, 0, -0.0, 1e38, -1e38, .leastNonzeroMagnitude]))
      case .float64(let numbers):
        .float64(changed(numbers, [.nan, .infinity, 0, 1e308, -1e308, .leastNonzeroMagnitude]))
      }
    return FileTensor(values, shape: tensor.shape)
  }
}

/// The generator of Steele, Lea and Flood 2014, “Fast splittable pseudorandom number generators”.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
