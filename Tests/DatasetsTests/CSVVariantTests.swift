import Datasets
import Foundation
import Testing

@Suite("Separated values as people have them")
struct CSVVariantTests {
  private let temporary: TemporaryFolder
  private let library = DatasetLibrary(searchPath: ["/nowhere"])

  init() throws {
    temporary = try TemporaryFolder()
  }

  private func write(_ files: [String: [UInt8]]) throws -> String {
    for (name, bytes) in files { try temporary.write(bytes, to: "data/\(name)") }
    return "\(temporary.path)/data"
  }

  private func load(_ training: String, _ test: String) throws -> Dataset {
    try library.load(write(["train.csv": [UInt8](training.utf8), "test.csv": [UInt8](test.utf8)]), progress: nil)
  }

  private func fault(_ training: String, _ test: String) throws -> String {
    let error = try #require(throws: DatasetError.self) { try load(training, test) }
    #expect(!error.message.contains { $0.isNewline })
    return error.message
  }

  // Three images of four pixels: a label, then the pixels.
  private static let rows: [[Int]] = [[0, 1, 2, 3, 4], [2, 0, 255, 30, 99], [1, 5, 6, 7, 8]]

  private static func lines(_ header: [String]?, separator: String = ",", _ row: ([Int]) -> [String]) -> String {
    ((header.map { [$0] } ?? []) + rows.map(row)).map { $0.joined(separator: separator) + "\n" }.joined()
  }

  private static func labelFirst(_ row: [Int]) -> [String] { row.map { String($0) } }

  private static func labelLast(_ row: [Int]) -> [String] { (row[1...] + [row[0]]).map { String($0) } }

  /// Different ways to write the same images, and the expected note on each file.
  static let ways: [(name: String, text: String, notes: Int)] = [
    ("label last", lines(["p1", "p2", "p3", "p4", "class"], labelLast), 1),
    (
      "label in the middle", lines(["a", "b", "Target", "c", "d"]) { row in [1, 2, 0, 3, 4].map { String(row[$0]) } }, 1
    ),
    ("label first, in capitals", lines(["LABEL", "b", "c", "d", "e"], labelFirst), 0),
    ("semicolons", lines(["y", "b", "c", "d", "e"], separator: ";", labelFirst), 0),
    ("tabs", lines(nil, separator: "\t", labelFirst), 1),
    ("fractions of zero", lines(nil) { $0.map { "\($0).0" } }, 1),
    ("NumPy's way", lines(["# label", "b", "c", "d", "e"]) { $0.map { "\($0).000000000000000000e+00" } }, 0),
    ("exponents", lines(nil) { $0.map { "\($0)0e-1" } }, 1),
    ("quotes", lines(["\"y\"", "\"b\"", "\"c\"", "\"d\"", "\"e\""]) { $0.map { "\"\($0)\"" } }, 0),
    ("quotes around some", lines(nil) { $0.enumerated().map { $0 % 2 == 1 ? " \"\($1)\" " : "\($1)" } }, 1),
    ("carriage returns alone", lines(nil, labelFirst).replacing("\n", with: "\r"), 1),
    ("pandas' unnamed index", lines(["", "label", "b", "c", "d", "e"]) { ["7"] + labelFirst($0) }, 1),
    ("pandas' index, saved twice", lines(["Unnamed: 0", "label", "b", "c", "d", "e"]) { ["300"] + labelFirst($0) }, 1),
    (
      "identifiers of letters",
      lines(["b", "c", "id", "d", "e", "label"]) { row in
        ["\(row[1])", "\(row[2])", "a/b.png", "\(row[3])", "\(row[4])", "\(row[0])"]
      }, 2
    ),
    ("R's row names", lines(["label", "b", "c", "d", "e"]) { ["\"1\""] + labelFirst($0) }, 1),
  ]

  @Test("are read alike", arguments: ways.indices)
  func way(index: Int) throws {
    let way = Self.ways[index]
    let dataset = try load(way.text, way.text)
    #expect(dataset.training.labels == [0, 2, 1], "\(way.name)")
    #expect(dataset.training.pixels == [1, 2, 3, 4, 0, 255, 30, 99, 5, 6, 7, 8], "\(way.name)")
    #expect(dataset.test.pixels == [1, 2, 3, 4, 0, 255, 30, 99, 5, 6, 7, 8], "\(way.name)")
    // Both files have the same form.
    #expect(dataset.notes.count == 2 * way.notes, "\(way.name): \(dataset.notes)")
  }

  /// Twenty-five pixels and a label, with a header of numbers.
  private static func wide(_ header: String) -> String {
    let pixels = (0..<25).map { "\($0 * 9)" }.joined(separator: ",")
    return header + "\n0," + pixels + "\n1," + pixels + "\n"
  }

  static let numberedHeaders = [
    (0...25).map { "\($0)" }.joined(separator: ","), (1...26).map { "\($0)" }.joined(separator: ","),
    "label," + (0..<25).map { "\($0)" }.joined(separator: ","),
    // pandas interpreted the first image as names.
    "3,0," + (1..<25).map { "0.\($0)" }.joined(separator: ","),
  ]

  @Test("a header of numbers is not an image", arguments: numberedHeaders.indices)
  func numberedHeader(index: Int) throws {
    let text = Self.wide(Self.numberedHeaders[index])
    let dataset = try load(text, text)
    #expect(dataset.training.labels == [0, 1])
    #expect(dataset.training.width == 5)
    #expect(
      dataset.notes.contains("train.csv: row 1 is a header of numbers, not an image") == (index != 2) || index == 2)
  }

  @Test("labels may be names: numbered in the order of their bytes")
  func names() throws {
    for (header, last) in [("class,a,b,c,d\n", false), ("a,b,c,d,label\n", true), ("", false), ("", true)] {
      func row(_ name: String, _ pixels: String) -> String { last ? "\(pixels),\(name)\n" : "\(name),\(pixels)\n" }
      let training = header + row("dog", "1,2,3,4") + row("\"big cat\"", "5,6,7,80") + row("Ärmel", "9,9,9,90")
      let dataset = try load(training, header + row("dog", "0,0,0,1"))
      #expect(dataset.classes == ["big cat", "dog", "Ärmel"])
      #expect(dataset.training.labels == [1, 0, 2])
      #expect(dataset.test.labels == [1])
    }
  }

  static let faults: [(training: String, test: String, says: String)] = [
    (
      "label,a,class,b,c,d\n0,1,0,2,3,4\n", "",
      "expected one column of labels in the header, found “label” (column 1), “class” (column 3)"
    ),
    // Labels 0 and 1 in both the first and the last column are ambiguous.
    ("0,3,1,1,1\n1,5,1,1,0\n", "", "expected the label in the first column, or a header that names it"),
    // The label is in the last column, without a header; the first pixel is always 0.
    ("0,3,1,90,0\n0,5,1,70,1\n0,5,1,70,2\n", "", "found 1 different values in the first column and 3 in the last"),
    (
      "cat,1,2,3,4\ndog,1,2,3,4\n5,1,2,3,4\n", "",
      "expected labels of one kind, numbers or names, like “dog” in row 2, found “5” in row 3, column 1"
    ),
    ("cat,1,2,3,4\nNA,1,2,3,4\n", "", "found “NA” in row 2, column 1"),
    ("cat,1,2,3,4\n,1,2,3,4\n", "", "found nothing in row 2, column 1"),
    ("cat,1,2,3,4\ncat,1,2,3,4\n", "", "expected at least two classes, found only label “cat”"),
    (
      "cat,1,2,3,4\ndog,1,2,3,4\n", "cow,1,2,3,4\n",
      "test.csv: expected one of the 2 classes of the training file, found “cow” in row 1"
    ),
    ("caf\u{E9},1,2,3,4\ncafe\u{301},1,2,3,4\n", "", "Unicode normalization"),
    ("a\u{1B}[2J,1,2,3,4\nb,1,2,3,4\n", "", "found “a\\u{1B}[2J” in row 1, column 1"),
    (
      "label,a,b,c,d\n0,1,2,3,4\n1,1,2,3,4\n", "a,b,c,d\n1,2,3,4\n",
      "test.csv: expected a column of labels, as “label” of train.csv, found none"
    ),
    ("a,b,c,d,label\n1,2,3,4,0\n1,2,3,4,1\n", "1,2,3,4,0\n", "test.csv: expected a header as that of train.csv"),
    (
      "label,a,b,c,d\n0,1,2,3,4\n1,1,2,3,4\n", "label,b,a,c,d\n1,2,1,3,4\n",
      "expected the pixels in the order of train.csv, found “b” where that has “a”"
    ),
    (
      "id,label,a,b,c,d\n1,0,1,2,3,4\n2,1,1,2,3,4\n", "id,label,a,b,c\n1,0,1,2,3\n",
      "expected 4 columns of pixels, as train.csv has, found 3"
    ),
    ("0,1,2,\"3,4\n1,5,6,7,8\n", "", "expected a value with matching quotes, found “\"3,4” in row 1, column 4"),
    ("0,1,2,3,4\n1,5,6\t6,7,8\n", "", "found “6\\t6” in row 2, column 3"),
    ("0,1,2,3,4\n1,5,0x10,7,8\n", "", "found “0x10” in row 2, column 3"),
    ("0,1,2,3,4\n1,5,1e3,7,8\n", "", "found “1e3” in row 2, column 3"),
    ("0,1,2,3,4\n1,5,nan,7,8\n", "", "found “nan” in row 2, column 3"),
    ("0;1;2;3;4\n1;5;6,5;7;8\n", "", "found “6,5” in row 2, column 3"),
    ("0,1,2,3,4\n1,5,6\0,7,8\n", "", "expected text in UTF-8, found a NUL byte (0x00) at byte 15, row 2"),
    ("<!DOCTYPE html>\n<p>404</p>\n", "", "found a web page or XML"),
  ]

  @Test("ambiguous and broken files are refused, with visible characters in the message", arguments: faults.indices)
  func fault(index: Int) throws {
    let fault = Self.faults[index]
    let message = try self.fault(fault.training, fault.test.isEmpty ? fault.training : fault.test)
    #expect(message.contains(fault.says), "\(message)")
  }

  @Test(
    "UTF-16 and UTF-32 are named",
    arguments: [
      (String.Encoding.utf16, "UTF-16 ("), (.utf16LittleEndian, "UTF-16 (little-endian, without"),
      (.utf16BigEndian, "UTF-16 (big-endian, without"), (.utf32LittleEndian, "UTF-32 (little-endian, without"),
    ])
  func encodings(encoding: String.Encoding, says: String) throws {
    let bytes = [UInt8](try #require("label,a,b,c,d\n0,1,2,3,4\n1,2,3,4,5\n".data(using: encoding)))
    let path = try write(["train.csv": bytes, "test.csv": bytes])
    let error = try #require(throws: DatasetError.self) { try library.load(path, progress: nil) }
    #expect(error.message.contains("train.csv: expected text in UTF-8, found \(says)"), "\(error.message)")
    #expect(error.message.contains("iconv -f UTF-"))
  }

  @Test("files belong together by what stands before train and test")
  func pairs() throws {
    let good = [UInt8]("0,1,2,3,4\n1,5,6,7,8\n".utf8)
    let bad = [UInt8]("x".utf8)
    let path = try write([
      "digits_train.csv": good, "digits_test.csv": good, "letters_train.csv": bad, "notes.csv": bad,
    ])
    let dataset = try library.load(path, progress: nil)
    #expect(dataset.training.count == 2)
    #expect(
      dataset.notes.contains(
        "read digits_train.csv and digits_test.csv, ignored 2 other CSV files: letters_train.csv, notes.csv"))
    _ = try write(["letters_test.csv": bad])
    let error = try #require(throws: DatasetError.self) { try library.load(path, progress: nil) }
    #expect(error.message.hasSuffix("found 2 pairs: digits, letters; name one of them: \(path)/digits"))
    #expect(try library.load("\(path)/digits", progress: nil).origin == "\(path)/digits")
    #expect(try library.load("\(path)/digits_test.csv", progress: nil).training.count == 2)
  }

  @Test("files of different sets are no pair; a file of no part is named")
  func noPair() throws {
    let path = try write(["a_train.csv": [], "b_test.csv": []])
    var error = try #require(throws: DatasetError.self) { try library.load(path, progress: nil) }
    #expect(error.message.hasSuffix("found no pair with the same name: a_train.csv, b_test.csv"))
    let other = try temporary.write([UInt8]("0,1\n".utf8), to: "other/mnist_784.csv")
    error = try #require(throws: DatasetError.self) { try library.load("\(temporary.path)/other", progress: nil) }
    #expect(error.message.hasSuffix("found mnist_784.csv, whose name contains neither train nor test"))
    error = try #require(throws: DatasetError.self) { try library.load(other, progress: nil) }
    #expect(error.message.hasSuffix("found a file"))
  }

  @Test("compressed files are unpacked, whatever their suffix", arguments: ["csv.gz", "csv", "tsv.gz"])
  func compression(suffix: String) throws {
    let text = Gzip.stored([UInt8]("0,1,2,3,4\n".utf8)) + Gzip.stored([UInt8]("1,5,6,7,8\n".utf8))
    let dataset = try library.load(write(["train.\(suffix)": text, "test.\(suffix)": text + [7]]), progress: nil)
    #expect(dataset.training.pixels == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(dataset.notes.contains("test.\(suffix): ignored 1 bytes after the gzip data"))
  }

  @Test("images of one value, and values far below 255, are told")
  func strangePixels() throws {
    let dataset = try load("0,0,0,0,0\n1,1,0,1,16\n", "0,1,0,1,16\n")
    #expect(dataset.notes.contains { $0.hasPrefix("1 of 2 training images are constant") })
    #expect(dataset.notes.contains { $0.hasPrefix("the largest pixel of the training images is 16, not 255") })
  }

  @Test("randomly changed files are read or refused")
  func fuzz() throws {
    var draw = SplitMix(seed: 11)
    let alphabet = [UInt8]("0123456789,,,;\t\n\n\r\". -+eEx#é".utf8) + [0, 0xFF, 0x1B]
    for _ in 0..<400 {
      var bytes = [UInt8](Self.ways[draw.next(below: Self.ways.count)].text.utf8)
      for _ in 0...draw.next(below: 4) {
        let place = draw.next(below: bytes.count)
        switch draw.next() % 3 {
        case 0: bytes[place] = alphabet[draw.next(below: alphabet.count)]
        case 1: bytes.insert(alphabet[draw.next(below: alphabet.count)], at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + 1 + draw.next(below: 6)))
        }
        if bytes.isEmpty { bytes = [0x30] }
      }
      let path = try write(["train.csv": bytes, "test.csv": bytes])
      do {
        let dataset = try library.load(path, progress: nil)
        #expect(dataset.training.pixels.count == dataset.training.count * dataset.training.featureCount)
        #expect(dataset.training.labels.allSatisfy { Int($0) < dataset.classes.count })
      } catch { #expect(error is DatasetError) }
    }
  }
}
