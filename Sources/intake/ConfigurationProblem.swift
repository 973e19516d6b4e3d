// One thing wrong with a configuration file, with its place.

/// A problem in a file that people write: configuration, calendars, regimes, taxonomy.
struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
  let file: String
  /// Counted from 1; nil for the file as a whole.
  let line: Int?
  let message: String

  var description: String { line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)" }
}
