import Foundation

/// Where the lessons are resumed.
package struct LessonPlace: Hashable, Codable, Sendable {
  /// The lesson, from 1; one more than there are if all are done.
  package var lesson: Int
  /// The task, from 0.
  package var task: Int

  /// A place; the beginning by default.
  package init(lesson: Int = 1, task: Int = 0) { (self.lesson, self.task) = (lesson, task) }

  /// Reads the place kept in a folder; the beginning if there is none, or none that exists.
  package init(in folder: String) {
    self.init()
    guard let data = try? Self.file(in: folder).read(limit: 10_000),
      let place = try? JSONDecoder().decode(LessonPlace.self, from: data)
    else { return }
    let count = Lessons.all.count
    if place.lesson == count + 1 { self = LessonPlace(lesson: place.lesson) }
    guard (1...count).contains(place.lesson), Lessons.all[place.lesson - 1].tasks.indices.contains(place.task) else {
      return
    }
    self = place
  }

  /// Whether every lesson is done.
  package var isAtEnd: Bool { lesson > Lessons.all.count }

  /// Keeps the place in a folder.
  /// - Throws: `StateFile.Failure` if the file cannot be written.
  package func write(in folder: String) throws {
    let data = try JSONEncoder().encode(self)
    try Self.file(in: folder).replace { data }
  }

  private static func file(in folder: String) -> StateFile { StateFile("lessons.json", in: folder) }
}
