// The texts of acknowledgements: files `<regime>.<language>.mustache`, and `acknowledgement.<language>.mustache` where a
// regime has none of its own. What each must state is in docs/acknowledgement.md, and a test holds them to it.

import Cases
import Deadlines
import Mustache

/// A folder of templates cannot be used; the text says which file and why.
public struct TemplateError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// The templates of one folder, compiled once.
public struct AcknowledgementTemplates: Sendable {
  /// By name: `uk-disp.en`.
  private let templates: [String: MustacheTemplate]

  /// The template for a case that no regime has one for.
  static let fallback = "acknowledgement"
  static let standardLanguage = "en"

  /// Reads `*.mustache` of a folder.
  ///
  /// - Throws: `TemplateError` where one does not compile or `acknowledgement.en.mustache` is missing; `DiskError`.
  public init(folder: String) throws {
    var templates: [String: MustacheTemplate] = [:]
    for file in try DurableFile.names(in: folder) where file.hasSuffix(".mustache") {
      guard let bytes = try DurableFile.read("\(folder)/\(file)", limit: OutboundLimits.template) else {
        continue
      }
      do {
        templates[String(file.dropLast(".mustache".count))] = try MustacheTemplate(
          string: String(decoding: bytes, as: UTF8.self))
      } catch {
        throw TemplateError(description: "\(folder)/\(file): \(error)")
      }
    }
    let needed = "\(Self.fallback).\(Self.standardLanguage)"
    guard templates[needed] != nil else {
      throw TemplateError(description: "\(folder): there is no \(needed).mustache, which every case can use")
    }
    self.templates = templates
  }

  /// The names, sorted.
  public var names: [String] { templates.keys.sorted() }

  /// The template of the first of these regimes that has one, in the language or else in English: what a regime asks to
  /// be stated matters more than the language that it is stated in.
  func name(regimes: [String], language: String) -> String {
    for base in regimes + [Self.fallback] {
      for tongue in [language, Self.standardLanguage] where templates["\(base).\(tongue)"] != nil {
        return "\(base).\(tongue)"
      }
    }
    return "\(Self.fallback).\(Self.standardLanguage)"
  }

  /// The text, plain: every value loses its line ends and control characters. Templates write three braces.
  func render(_ name: String, _ values: [String: String?]) -> String {
    var context: [String: Any] = [:]
    for (key, value) in values {
      if let value, !value.isEmpty { context[key] = PlainText.line(value) } else { context[key] = false }
    }
    return templates[name]?.render(context) ?? ""
  }
}

/// Dates as a letter writes them.
enum LetterDate {
  private static let months: [String: [String]] = [
    "en": [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
      "November", "December",
    ],
    "fr": [
      "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
      "novembre", "décembre",
    ],
    "af": [
      "Januarie", "Februarie", "Maart", "April", "Mei", "Junie", "Julie", "Augustus", "September", "Oktober",
      "November", "Desember",
    ],
  ]

  /// `23 November 2026`; English where the language has no months here.
  static func text(_ date: CivilDate, language: String) -> String {
    let names = months[language] ?? months["en"] ?? []
    return "\(date.day) \(names[date.month - 1]) \(date.year)"
  }
}
